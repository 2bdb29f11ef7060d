// Package wire is what every service of the emulated tenant shares on the
// HTTP side: one call with its identity, a router that answers 401, 403, 404,
// 405 and 501 properly, and errors that each service writes in its own shape.
//
// It imports the emulator's auth package and the standard library only.
package wire
