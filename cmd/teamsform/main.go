// Command teamsform manages an organisation's custom Microsoft Teams apps as
// code. Everything is in package cmd.
package main

import "github.com/teamsform/teamsform/cmd"

func main() { cmd.Main() }
