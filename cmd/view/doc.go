// Package view turns results into output: plan text, progress, diagnostics,
// state. It decides nothing; every sentence it prints comes from data.
//
// Words for users are the admin centre's: never "kind", "plane", "cell" or
// "converging".
package view
