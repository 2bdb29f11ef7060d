// Package wording says in plain words what is different between two manifests.
// Elements of lists are matched by what names them, not by their place.
//
// It may import the standard library and ../jsondoc.
package wording
