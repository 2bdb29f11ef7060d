// Package addr names configured and generated objects: kind.name,
// kind.name["key"], module.m.kind.name. Objects that rollouts generate have a
// name that starts with "~", which cannot be written in HCL.
//
// It is a leaf: it imports the standard library only.
package addr
