// Package people reads the names of people: user principal names and object
// ids, from lists and from CSV files of up to a million rows.
//
// It imports the standard library, hcl, and the leaves diag and table.
package people
