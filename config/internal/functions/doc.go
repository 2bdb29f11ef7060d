// Package functions holds the functions of the configuration language that
// depend on nothing but their arguments, under Terraform's names.
//
// It imports the standard library, hcl's function extensions, cty and
// go-cty-yaml.
package functions
