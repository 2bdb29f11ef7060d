package ops

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/planfile"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// saved gives a plan what a file needs beside it: what it was made from.
func (s *session) saved(plan *engine.Plan, src Source, choice Choice) *planfile.File {
	f := &planfile.File{Plan: plan, Strings: s.strings}
	for _, file := range s.cfg.Files {
		f.Source.Files = append(f.Source.Files, planfile.SourceFile{Path: file.Path, SHA256: hex.EncodeToString(file.SHA256[:])})
	}
	t := s.cfg.Tenant
	f.Source.Emulated = src.Emulated
	f.Source.State = planfile.StateAt{Type: s.cfg.Settings.State.Type, Path: s.cfg.Settings.State.Path}
	f.Source.Tenant = planfile.TenantAt{
		Driver: t.Driver, ID: t.ID, AccessModel: t.AccessModel, Cloud: t.Cloud, People: t.People, Path: t.Path,
		CAFile: t.CAFile, PolicyTransport: t.PolicyTransport,
	}
	f.Source.Choice = planfile.Choice{
		Adopt: choice.Adopt, NoRefresh: choice.NoRefresh, MembershipOnly: choice.MembershipOnly, Targets: choice.Targets, Excludes: choice.Excludes, Replace: choice.Replace,
	}
	for _, v := range s.cfg.Variables {
		switch {
		case v.Source != config.SourceEnvironment && v.Source != config.SourceFlag:
		case v.Sensitive:
			f.Source.Secret = append(f.Source.Secret, v.Name)
		default:
			if f.Source.Variables == nil {
				f.Source.Variables = map[string]string{}
			}
			f.Source.Variables[v.Name] = v.Given
		}
	}
	for _, name := range src.VarFiles {
		f.Source.VarFiles = append(f.Source.VarFiles, relativeTo(src.Dir, name))
	}
	return f
}

// relativeTo gives a path of the working folder as seen from dir.
func relativeTo(dir, name string) string {
	base, errBase := filepath.Abs(dir)
	abs, err := filepath.Abs(name)
	if errBase != nil || err != nil {
		return name
	}
	rel, err := filepath.Rel(base, abs)
	if err != nil {
		return filepath.ToSlash(abs)
	}
	return filepath.ToSlash(rel)
}

// journalOf identifies what an interrupted run has left, "" for nothing.
func journalOf(l *state.Loaded) string {
	if l == nil || l.Journal == nil || l.Fit != state.FitStarts && l.Fit != state.FitForeign {
		return ""
	}
	return fmt.Sprintf("%s/%d", l.Journal.Header.Run, len(l.Journal.Entries))
}

// ShowPlan reads a plan file to show it. It needs nothing but the file.
type ShowPlan struct {
	File string
	JSON io.Writer // takes the document as it is; nil for none
}

// Run reads the file.
func (s *ShowPlan) Run() (*planfile.File, hcl.Diagnostics) {
	f, diags := planfile.Open(s.File, teams.Kinds(), table.NewStrings(teams.PolicyTypes()...))
	if f == nil || s.JSON == nil {
		return f, diags
	}
	in, err := os.Open(s.File)
	if err == nil {
		defer in.Close()
		_, err = io.Copy(s.JSON, in)
	}
	return f, append(diags, diag.FromError("Plan file cannot be read", err)...)
}

// savedSource says how to load the configuration that a plan was made from, as
// it was then: with the values of variables that the plan keeps, and with
// sensitive ones as they are given now. Other values of now do not count.
func savedSource(rt *Runtime, now Source, f *planfile.File) (Source, *Runtime) {
	src := Source{Dir: now.Dir, Emulated: f.Source.Emulated, Vars: slices.Clone(now.Vars)}
	for name, text := range f.Source.Variables {
		src.Vars = append(src.Vars, name+"="+text)
	}
	slices.Sort(src.Vars)
	for _, name := range f.Source.VarFiles {
		src.VarFiles = append(src.VarFiles, absolute(now.Dir, name))
	}
	own := *rt
	own.Environ = nil
	own.LookupEnv = func(name string) (string, bool) {
		for _, secret := range f.Source.Secret {
			if name == config.EnvPrefix+secret {
				return rt.lookupEnv(name)
			}
		}
		if len(name) > len(config.EnvPrefix) && name[:len(config.EnvPrefix)] == config.EnvPrefix {
			return "", false
		}
		return rt.lookupEnv(name)
	}
	return src, &own
}

// lookupEnv asks the environment in whichever way it can be asked.
func (rt *Runtime) lookupEnv(name string) (string, bool) {
	if rt.LookupEnv != nil {
		return rt.LookupEnv(name)
	}
	if rt.Environ != nil {
		for _, entry := range rt.Environ() {
			if len(entry) > len(name) && entry[:len(name)] == name && entry[len(name)] == '=' {
				return entry[len(name)+1:], true
			}
		}
	}
	return "", false
}
