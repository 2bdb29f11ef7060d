// Package drawing finds what the blocks of a configuration refer to. It is what
// the operation Graph of package ops shows.
//
// It may import config and the leaves.
package drawing
