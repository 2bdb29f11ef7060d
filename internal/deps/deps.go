//go:build tools

// Package deps keeps libraries in go.mod that the design fixes and that no part
// uses yet: go-github, for reviews of pull requests. It is never compiled.
package deps

import _ "github.com/google/go-github/v60/github"
