package config

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Options say what to load. Nothing is read from the process itself.
type Options struct {
	Dir       string   // folder of *.teams.hcl; "" means the working directory
	Vars      []string // --var name=value, in order
	VarFiles  []string // --var-file, relative to the working directory, in order
	LookupEnv func(string) (string, bool)
	Environ   func() []string  // used for TEAMSFORM_VAR_name when LookupEnv is nil
	Kinds     *schema.Registry // kinds that may be written
	Emulated  bool             // any configuration against an emulated tenant with its own state
	Tool      string           // this program's version, for required_version; "" skips the check
}

// Load reads, checks and evaluates the configuration. With errors it returns
// the configuration as far as it got, so that sources can be shown; such a
// configuration must not be planned. Diagnostics are sorted by place.
func Load(ctx context.Context, opts Options) (*Config, hcl.Diagnostics) {
	l := newLoader(opts)
	l.run(ctx)
	return l.finish()
}

// loader holds what is known while a configuration is loaded.
type loader struct {
	opts   Options
	kinds  *schema.Registry
	cfg    *Config
	folder *folder
	diags  hcl.Diagnostics
	seen   map[seenKey]bool
	errs   int // errors so far

	blocks    map[string][]*hclBlock // top-level blocks of settings and values, by type
	vars      map[string]*variable
	functions map[string]function.Function
	settings  *hcl.EvalContext            // variables only
	base      *hcl.EvalContext            // variables and tenant
	nodes     map[string]map[string]*node // what may be referred to, by first and second name
	order     []*node                     // every node, in file order
	ctx       context.Context
	later     map[string]bool // block types met that this version does not support
	sources   []string        // this folder's own files, as keys of cfg.Sources

	module    string               // path of the module that is loaded, "" for the configuration itself
	parent    *loader              // nil for the configuration itself
	args      map[string]argument  // values for a module's variables
	gives     map[string]cty.Value // outputs of a module
	count     int                  // blocks without a name so far
	callRange hcl.Range            // of the module block
}

// seenKey tells diagnostics apart; the instances of one block repeat them.
type seenKey struct {
	summary, detail, file string
	pos                   int
}

func newLoader(opts Options) *loader {
	l := &loader{
		opts:  opts,
		kinds: opts.Kinds,
		seen:  map[seenKey]bool{},
		vars:  map[string]*variable{},
		nodes: map[string]map[string]*node{},
		later: map[string]bool{},
		cfg: &Config{
			Dir:       opts.Dir,
			Users:     map[addr.Instance]*Users{},
			Groups:    map[addr.Instance]*Group{},
			StoreApps: map[addr.Instance]*StoreApp{},
			Sources:   map[string]*hcl.File{},
		},
	}
	if l.kinds == nil {
		l.kinds = schema.NewRegistry()
	}
	return l
}

func (l *loader) run(ctx context.Context) {
	var err error
	if l.folder, err = openFolder(l.opts.Dir); err != nil {
		l.error(nil, sumFolder, "The folder %q cannot be read: %s. Check --chdir.", l.opts.Dir, cause(err))
		return
	}
	l.load(ctx)
}

// load goes through the steps that a configuration and a module share.
func (l *loader) load(ctx context.Context) {
	l.functions = l.functionSet()
	if !l.readSources() {
		return
	}
	l.collect()
	l.loadVariables()
	if l.parent == nil {
		l.loadSettings()
	} else {
		l.inheritSettings()
	}
	l.link()
	l.ctx = ctx
	for _, n := range l.sorted() {
		if err := ctx.Err(); err != nil {
			l.error(nil, sumStopped, "Loading was interrupted: %s.", err)
			return
		}
		n.eval(l.scope(n))
	}
}

func (l *loader) finish() (*Config, hcl.Diagnostics) {
	c := l.cfg
	slices.SortFunc(c.Instances, func(a, b *Instance) int { return addr.Compare(a.Addr, b.Addr) })
	l.checkKeys()
	l.checkRemoved()
	slices.SortFunc(c.Outputs, func(a, b Output) int { return compareText(a.Name, b.Name) })
	if l.folder != nil {
		c.Files = l.folder.files()
	}
	diag.Sort(l.diags)
	return c, l.diags
}

// add collects diagnostics, exact repeats left out.
func (l *loader) add(diags ...*hcl.Diagnostic) {
	for _, d := range diags {
		key := seenKey{summary: d.Summary, detail: d.Detail}
		if d.Subject != nil {
			key.file, key.pos = d.Subject.Filename, d.Subject.Start.Byte
		}
		if d.Severity == hcl.DiagError {
			l.errs++
		}
		if !l.seen[key] {
			l.seen[key] = true
			l.diags = append(l.diags, d)
		}
	}
}

func (l *loader) error(rng *hcl.Range, summary, format string, args ...any) {
	l.add(diag.Error(rng, summary, format, args...))
}

func (l *loader) warn(rng *hcl.Range, summary, format string, args ...any) {
	l.add(diag.Warning(rng, summary, format, args...))
}

// path reports err, which resolve or readFile gave, at the given place.
func (l *loader) pathError(rng *hcl.Range, err error) {
	d := pathDiagnostic(rng, err)
	l.add(d)
}

func pathDiagnostic(rng *hcl.Range, err error) *hcl.Diagnostic {
	if p, ok := err.(*pathProblem); ok {
		return diag.Error(rng, p.summary, "%s", p.detail)
	}
	return diag.Error(rng, sumUnreadable, "%s.", cause(err))
}

// place gives a range as people write it: file:line.
func place(r hcl.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// unknown stands for what a faulty part of the configuration would have given.
func unknown() cty.Value { return cty.DynamicVal }
