// Package apppackage reads, checks, compares and writes Teams app packages: a
// zip file (or a folder that becomes one) with manifest.json, two icons and
// whatever else the manifest names.
//
// Open reads a folder or zip of the user's and fills its placeholders; Read
// takes the bytes that a tenant receives. Both assume hostile input and either
// return a whole Package or say, as Problems with places and remedies, why
// there is none. What can be read but should not be published is the business
// of Validate, whose verdict is a list of Findings.
//
// The package is a leaf: it may import the standard library and its own
// internal packages, nothing else of the module. It prints nothing and knows
// no clock.
package apppackage
