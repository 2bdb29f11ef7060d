// Package envfile reads the files of values that fill the placeholders of a
// package: lines of NAME=VALUE, as the Microsoft 365 Agents Toolkit keeps them
// in env/.env.dev and the like.
//
// It may import the standard library only.
package envfile
