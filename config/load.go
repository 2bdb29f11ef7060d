package config

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/functions"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/config/internal/settings"
	"github.com/teamsform/teamsform/config/internal/variables"
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
	Keep      bool             // keep the value of every block, for Evaluate
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
	*eval.Evaluator
	opts   Options
	kinds  *schema.Registry
	cfg    *Config
	folder *files.Folder

	blocks    map[string][]*hclBlock // top-level blocks of settings and values, by type
	variables *variables.Reader
	functions map[string]function.Function
	settings  *hcl.EvalContext            // variables only
	base      *hcl.EvalContext            // variables and tenant
	nodes     map[string]map[string]*node // what may be referred to, by first and second name
	order     []*node                     // every node, in file order
	ctx       context.Context
	later     map[string]bool // block types met that this version does not support
	sources   []string        // this folder's own files, as keys of cfg.Sources

	module    string                        // path of the module that is loaded, "" for the configuration itself
	parent    *loader                       // nil for the configuration itself
	args      map[string]variables.Argument // values for a module's variables
	gives     map[string]cty.Value          // outputs of a module
	count     int                           // blocks without a name so far
	callRange hcl.Range                     // of the module block
}

func newLoader(opts Options) *loader {
	l := &loader{
		opts:  opts,
		kinds: opts.Kinds,
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
	l.Evaluator = &eval.Evaluator{Missing: l.missing}
	if l.kinds == nil {
		l.kinds = schema.NewRegistry()
	}
	return l
}

func (l *loader) run(ctx context.Context) {
	var err error
	if l.folder, err = files.Open(l.opts.Dir); err != nil {
		l.Error(nil, problem.Folder, "The folder %q cannot be read: %s. Check --chdir.", l.opts.Dir, files.Cause(err))
		return
	}
	l.load(ctx)
}

// load goes through the steps that a configuration and a module share.
func (l *loader) load(ctx context.Context) {
	l.functions = l.folder.Functions()
	if !l.readSources() {
		return
	}
	l.collect()
	l.readVariables()
	if l.parent == nil {
		l.readSettings()
	} else {
		l.inheritSettings()
	}
	l.link()
	l.ctx = ctx
	for _, n := range l.sorted() {
		if err := ctx.Err(); err != nil {
			l.Error(nil, problem.Stopped, "Loading was interrupted: %s.", err)
			return
		}
		n.eval(l.scope(n))
	}
}

// readVariables reads the variables and their values.
func (l *loader) readVariables() {
	r := &variables.Reader{
		Evaluator: l.Evaluator, Folder: l.folder, Sources: l.cfg.Sources, Functions: l.functions,
		Dir: l.opts.Dir, Vars: l.opts.Vars, VarFiles: l.opts.VarFiles, LookupEnv: l.opts.LookupEnv, Environ: l.opts.Environ,
	}
	if l.parent != nil {
		r.Module = &variables.Module{Name: l.module, Arguments: l.args, Call: l.callRange}
	}
	l.variables = r
	var declared []Variable
	if l.settings, declared = r.Read(l.blocks[typeVariable]); l.parent == nil {
		l.cfg.Variables = declared
	}
}

// readSettings evaluates the blocks that may read variables only, and then
// makes the context of everything else.
func (l *loader) readSettings() {
	r := &settings.Reader{Evaluator: l.Evaluator, Folder: l.folder, Context: l.settings, Variable: l.variables.Known, Emulated: l.opts.Emulated, Tool: l.opts.Tool}
	got := r.Read(settings.Blocks{Teamsform: l.blocks[typeSettings], Tenant: l.blocks[typeTenant], Guard: l.blocks[typeGuard]})
	l.cfg.Settings, l.cfg.Tenant, l.cfg.Guard = got.Settings, got.Tenant, got.Guard
	l.base = l.settings.NewChild()
	l.base.Variables = map[string]cty.Value{rootTenant: got.TenantValue}
}

func (l *loader) finish() (*Config, hcl.Diagnostics) {
	c := l.cfg
	slices.SortFunc(c.Instances, func(a, b *Instance) int { return addr.Compare(a.Addr, b.Addr) })
	l.checkKeys()
	l.checkMoved()
	l.checkRemoved()
	slices.SortFunc(c.Outputs, func(a, b Output) int { return compareText(a.Name, b.Name) })
	slices.SortStableFunc(c.Expects, compareExpects)
	if l.folder != nil {
		c.Files = l.folder.Files()
	}
	diag.Sort(l.Diags)
	if l.opts.Keep && l.Errors == 0 {
		c.kept = l
	}
	return c, l.Diags
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// sensitive marks what comes from a sensitive variable.
type sensitive = functions.Sensitive

// unknown stands for what a faulty part of the configuration would have given.
func unknown() cty.Value { return eval.Unknown() }

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// functionSet gives the functions of the language without a folder to read
// from, for descriptions.
func functionSet() map[string]function.Function { return (*files.Folder)(nil).Functions() }

// FunctionNames lists the functions of the language, for the reference.
func FunctionNames() []string { return sortedNames(functionSet()) }
