package config

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/config/internal/variables"
	"github.com/teamsform/teamsform/internal/diag"
)

// readSources parses every source file. It reports false when there is nothing
// to go on with: after a syntax error most other messages would be noise.
func (l *loader) readSources() bool {
	entries, err := os.ReadDir(l.folder.Real)
	if err != nil {
		l.Error(nil, problem.Folder, "The folder %q cannot be read: %s.", l.opts.Dir, files.Cause(err))
		return false
	}
	found, near := 0, ""
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || strings.HasPrefix(name, ".") {
			continue
		}
		if strings.HasSuffix(name, variables.SourceSuffix) {
			found++
			l.parse(name)
		} else if strings.HasSuffix(name, ".hcl") && !strings.HasSuffix(name, variables.Suffix) {
			near = name
		}
	}
	if found == 0 && l.parent != nil {
		l.Error(&l.callRange, problem.EmptyFolder, "The folder %q of the module %s holds no *%s file.", l.folder.Prefix, l.module, variables.SourceSuffix)
	} else if found == 0 {
		l.Add(emptyFolder(l.opts.Dir, near))
	}
	return found > 0 && l.Errors == 0
}

// emptyFolder says what to do in a folder without a configuration.
func emptyFolder(dir, near string) *hcl.Diagnostic {
	if dir == "" {
		dir = "."
	}
	hint := ""
	if near != "" {
		base := strings.TrimSuffix(near, ".hcl")
		if base == "teams" {
			base = "main"
		}
		hint = " The file " + near + " does not count; a configuration's files end in " + variables.SourceSuffix + ", such as " + base + variables.SourceSuffix + "."
	}
	return diag.Error(nil, problem.EmptyFolder, "The folder %q holds no *%s file.%s\n\nTo start from an example that runs on an emulated tenant:\n\n    teamsform init --example quickstart\n\nTo write down what a tenant has today:\n\n    teamsform export", filepath.ToSlash(dir), variables.SourceSuffix, hint)
}

// parse reads one source file of the folder.
func (l *loader) parse(name string) {
	data, err := l.folder.Read(name)
	if err != nil {
		l.Add(files.Diagnostic(nil, err))
		return
	}
	shown := l.folder.Shown(name)
	file, diags := hclsyntax.ParseConfig(data, shown, hcl.InitialPos)
	l.Add(diags...)
	if file != nil {
		l.cfg.Sources[shown] = file
		l.sources = append(l.sources, shown)
	}
}
