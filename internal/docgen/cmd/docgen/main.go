// Command docgen writes the pages of docs/reference. Run it with
//
//	go generate ./internal/docgen
//
// or `go run ./internal/docgen/cmd/docgen` from anywhere in the module. With
// -man DIR it writes manual pages into that folder instead.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/internal/docgen"
	"github.com/teamsform/teamsform/internal/teams"
)

func main() {
	man := flag.String("man", "", "write manual pages into this folder, in place of the reference")
	flag.Parse()
	run := writeReference
	if *man != "" {
		run = func() error { return writeManual(*man) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

// writeManual writes manual pages. They are not kept in the repository: who
// packages the program makes them.
func writeManual(dir string) error {
	commands, err := docgen.Commands(help)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	pages := docgen.Man(commands, cmd.Version())
	for _, name := range docgen.FileNames(pages) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(pages[name]), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func writeReference() error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	commands, err := docgen.Commands(help)
	if err != nil {
		return err
	}
	dir := filepath.Join(root, "docs", "reference")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	pages := docgen.Pages(teams.Kinds(), commands)
	for _, name := range docgen.FileNames(pages) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(pages[name]), 0o644); err != nil {
			return err
		}
	}
	return removeOthers(dir, pages)
}

// help returns what --help prints for a command.
func help(words ...string) (string, error) {
	var out bytes.Buffer
	code := cmd.Run(context.Background(), append(words, "--help"), cmd.IO{
		In: strings.NewReader(""), Out: &out, Err: &out,
		LookupEnv: func(string) (string, bool) { return "", false },
		Environ:   func() []string { return nil },
	})
	if code != cmd.ExitOK {
		return "", fmt.Errorf("exit code %d: %s", code, out.String())
	}
	return out.String(), nil
}

// removeOthers removes pages of kinds that are no more.
func removeOthers(dir string, pages map[string]string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, ok := pages[e.Name()]; !ok && strings.HasSuffix(e.Name(), ".md") {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no go.mod above %s", dir)
		}
		dir = parent
	}
}
