// Package packageview prints what is said of single app packages: findings as
// text, JSON, SARIF and GitHub annotations; content, icons and comparisons.
// Like package view, it decides nothing.
//
// It may import view, apppackage and the operations on packages.
package packageview
