package teams

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// policies is the collection of one kind of policy. What differs between kinds
// is their codec.
type policies struct {
	*Writing
	kind  *schema.Kind
	codec policyCodec
}

// policyCodec maps attributes of one kind of policy to the service's
// properties and back.
type policyCodec interface {
	Type() teamsadmin.PolicyType
	Decode(teamsadmin.Policy) schema.Attrs
	Encode(schema.Attrs) map[string]json.RawMessage
}

func (c *policies) Kind() *schema.Kind { return c.kind }

// Batch implements engine.Writer. Policies are written one call each; a batch
// is what one journal line announces.
func (c *policies) Batch() (size, parallel int) { return 20, 4 }

func (c *policies) fetch(ctx context.Context) ([]teamsadmin.Policy, error) {
	if c.codec.Type() == teamsadmin.PermissionPolicy {
		return c.permission.get(ctx, c.admin.PermissionPolicies)
	}
	return c.setup.get(ctx, c.admin.SetupPolicies)
}

func (c *policies) drop() {
	if c.codec.Type() == teamsadmin.PermissionPolicy {
		c.permission.drop()
	} else {
		c.setup.drop()
	}
}

// Forget implements engine.Forgetter.
func (c *policies) Forget() { c.drop() }

// List yields every policy of the kind, Global and built-in ones included.
func (c *policies) List(ctx context.Context, _ engine.Scope, yield func(engine.Object) error) error {
	list, err := c.fetch(ctx)
	if err != nil {
		return err
	}
	for _, p := range list {
		attrs := c.codec.Decode(p)
		attrs["name"] = p.Name
		text, _ := p.Text("Description")
		description, mark := cutMark(text)
		attrs["description"] = description
		if err := yield(engine.Object{ID: p.Name, Key: p.Name, Attrs: attrs, Mark: mark}); err != nil {
			return err
		}
	}
	return nil
}

// Apply implements engine.Writer.
func (c *policies) Apply(ctx context.Context, ops []*engine.Op, report func(engine.Result)) error {
	before, err := c.fetch(ctx)
	if err != nil {
		return err
	}
	c.drop()
	for _, op := range ops {
		err := c.one(ctx, op, before)
		report(engine.Result{Op: op, ID: op.Key, Err: err, InDoubt: ambiguous(err), Doubtful: badRequest(err)})
	}
	return nil
}

func (c *policies) one(ctx context.Context, op *engine.Op, before []teamsadmin.Policy) error {
	typ := c.codec.Type()
	switch op.Action {
	case engine.Delete:
		err := c.control.DeletePolicy(ctx, typ, op.Key)
		if teamsadmin.IsNotFound(err) {
			return nil // gone is what was wanted
		}
		return err
	case engine.Create:
		props, err := c.startFrom(op, before)
		if err != nil {
			return err
		}
		maps.Copy(props, c.codec.Encode(op.After))
		text, _ := op.After["description"].(string)
		props["Description"] = teamsadmin.TextValue(addMark(text, c.root))
		return c.control.CreatePolicy(ctx, typ, teamsadmin.Policy{Name: op.Key, Properties: props})
	default: // a change of one that exists
	}
	changes := c.codec.Encode(op.After)
	text, described := op.After["description"].(string)
	if described || op.Claim {
		was, mark := "", ""
		if p := find(before, op.Key); p != nil {
			old, _ := p.Text("Description")
			was, mark = cutMark(old)
		}
		if !described {
			text = was
		}
		if op.Claim {
			mark = c.root
		}
		changes["Description"] = teamsadmin.TextValue(addMark(text, mark))
	}
	return c.control.UpdatePolicy(ctx, typ, op.Key, changes)
}

// startFrom returns the properties that a new policy starts from: those of the
// policy it replaces or copies. None means that the service copies Global.
func (c *policies) startFrom(op *engine.Op, before []teamsadmin.Policy) (map[string]json.RawMessage, error) {
	from := op.CopyOf
	if from == "" {
		from, _ = op.Input["copy_of"].(string)
	}
	if from == "" {
		return map[string]json.RawMessage{}, nil
	}
	p := find(before, from)
	if p == nil {
		return nil, fmt.Errorf("the %s %q, which %s is to start from, does not exist", c.kind.Title, from, op.Addr)
	}
	props := map[string]json.RawMessage{}
	for name, v := range p.Properties {
		switch strings.ToLower(name) {
		case "key", "configmetadata", "configid", "identity", "description":
		default:
			props[name] = v
		}
	}
	return props, nil
}

func find(list []teamsadmin.Policy, name string) *teamsadmin.Policy {
	for i := range list {
		if teamsadmin.SameName(list[i].Name, name) {
			return &list[i]
		}
	}
	return nil
}

// policyAttrs are the attributes that every kind of policy has.
func policyAttrs() []*schema.Attr {
	return []*schema.Attr{
		{Name: "name", Type: schema.String{MaxLen: 64, Fold: true, Check: checkPolicyName}, Doc: "The policy's name, \"Global\" for the org-wide default. Without it, the block's label."},
		{Name: "description", Type: schema.String{}, Default: "", Doc: "Text for other administrators. A mark that names this configuration is kept behind it and not shown."},
		{Name: "copy_of", Input: true, Type: schema.String{}, Doc: "The policy that a new one starts from, once, at creation. Without it, Global."},
	}
}

// checkPolicyName keeps to characters that are known to work; the service's
// own rule is not documented (policy-plane facts 2.2).
func checkPolicyName(s string) string {
	if strings.TrimSpace(s) == "" {
		return "A policy needs a name."
	}
	for _, r := range s {
		if r < ' ' || strings.ContainsRune(`/\?#%"<>|`, r) {
			return fmt.Sprintf("A policy's name must not contain %q.", r)
		}
	}
	if len(s) >= 4 && strings.EqualFold(s[:4], "tag:") {
		return "Write the name without \"Tag:\", which is the service's own prefix."
	}
	return ""
}

// isGlobal reports whether a policy is the org-wide default.
func isGlobal(key string) bool { return schema.FoldKey(key) == "global" }

// The mark says which configuration made a policy. It stands at the end of the
// description, is stripped on read and never compared.

// addMark appends the mark of root to a description.
func addMark(description, root string) string {
	if root == "" {
		return description
	}
	return strings.TrimSpace(description + " [teamsform:" + root + "]")
}

// cutMark splits a description into what people wrote and the root of the mark.
func cutMark(description string) (text, root string) {
	trimmed := strings.TrimSpace(description)
	i := strings.LastIndex(trimmed, "[teamsform:")
	if i < 0 || !strings.HasSuffix(trimmed, "]") {
		return description, ""
	}
	return strings.TrimSpace(trimmed[:i]), trimmed[i+len("[teamsform:") : len(trimmed)-1]
}
