// Package house holds the tests of the repository itself: that imports run one
// way, that files stay small, that what the documents promise is so. It has no
// code. A rule that people must remember is a rule that breaks; these fail.
//
// Its tests may import cmd and read every file of the repository.
package house
