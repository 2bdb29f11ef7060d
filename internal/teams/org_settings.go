package teams

import (
	"context"
	"errors"
	"net/http"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams/internal/delay"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// OrgSettings is the kind of the organisation's settings for apps.
const OrgSettings = "org_settings"

func orgSettingsKind() *schema.Kind {
	return &schema.Kind{
		Name: OrgSettings, Version: 1, Title: "org-wide app settings", Plural: "org-wide app settings",
		Rank: schema.RankOrgSettings, Unlabeled: true, Delay: delay.Org(),
		Doc: "The organisation's settings for apps (Teams admin centre: Teams apps > Manage apps > Org-wide app settings). There is one; it exists in every tenant and is taken under management, never created or deleted.",
		Attrs: []*schema.Attr{
			{
				Name: "custom_app_interaction", Label: "Let users interact with custom apps", Type: schema.Bool{},
				Doc:   "The emergency off switch: off, nobody may use or upload any custom app, whatever the policies say.",
				Unset: schema.LetGo, Default: true, AffectsAccess: true, Narrow: narrowSwitch, Guard: "org_switch", Master: true,
				Withhold: func(_ string, value any, h schema.Held) any {
					if h.All && value != nil {
						return false
					}
					return value
				},
			},
			{
				Name: customAppsDefault, Label: "Custom apps: let users install and use available apps by default",
				Type: schema.String{Words: []string{schema.Everyone, schema.NoOne}}, Models: []string{modelAppCentric},
				Doc: "Whom custom apps are available to that nobody has set for themselves, new ones above all: \"everyone\" or \"no_one\". " +
					"Closing it takes no app from anybody: each app that follows the default is first set to what it is. Opening it gives everybody every app that still follows it.",
				Unset: schema.LetGo, AffectsAccess: true, Narrow: narrowDefault,
			},
			{
				Name: "user_requests_for_apps", Label: "Allow user requests for app access", Type: schema.Bool{},
				Doc:   "Whether people may ask for an app that is not available to them.",
				Unset: schema.LetGo,
			},
		},
	}
}

// customAppsDefault is the attribute of the default for custom apps.
const customAppsDefault = "custom_apps_default"

// narrowDefault narrows the default for apps that nobody has set.
func narrowDefault(before, after any) any {
	if after == schema.Everyone && before != nil {
		return before
	}
	return after
}

// narrowSwitch narrows a switch that permits when it is on.
func narrowSwitch(before, after any) any {
	if after == true {
		return before
	}
	return after
}

// orgSettings is the one settings object. It has two homes: the switch in the
// policy service, the requests in Graph.
type orgSettings struct {
	*Writing
	kind *schema.Kind
}

func (c *orgSettings) Kind() *schema.Kind { return c.kind }

// Batch implements engine.Writer: one object, one write at a time.
func (c *orgSettings) Batch() (size, parallel int) { return 1, 1 }

// Forget implements engine.Forgetter.
func (c *orgSettings) Forget() {
	c.org.drop()
	c.settings.drop()
}

// List yields the settings. What the identity may not read is left untold.
func (c *orgSettings) List(ctx context.Context, scope engine.Scope, yield func(engine.Object) error) error {
	org, err := c.org.get(ctx, c.admin.OrgAppSettings)
	if err != nil {
		return err
	}
	attrs := schema.Attrs{"custom_app_interaction": org.CustomAppInteraction}
	settings, err := c.settings.get(ctx, c.graph.TeamsAppSettings)
	switch {
	case msgraph.IsForbidden(err):
	case err != nil:
		return err
	case settings.AllowUserRequests != nil:
		attrs["user_requests_for_apps"] = *settings.AllowUserRequests
	}
	if c.appCentric() && scope.Wants(customAppsDefault) {
		if err := c.readDefault(ctx, attrs); err != nil {
			return err
		}
	}
	return yield(engine.Object{ID: OrgSettings, Key: OrgSettings, Attrs: attrs})
}

// Apply implements engine.Writer.
func (c *orgSettings) Apply(ctx context.Context, ops []*engine.Op, report func(engine.Result)) error {
	for _, op := range ops {
		err := c.update(ctx, op.After)
		report(engine.Result{Op: op, ID: OrgSettings, Err: err, InDoubt: ambiguous(err), Doubtful: badRequest(err)})
	}
	return nil
}

func (c *orgSettings) update(ctx context.Context, after schema.Attrs) error {
	if to, ok := after[customAppsDefault].(string); ok {
		if err := c.setDefault(ctx, to == schema.Everyone); err != nil {
			return err
		}
	}
	if on, ok := after["custom_app_interaction"].(bool); ok {
		c.org.drop()
		if err := c.control.SetCustomAppInteraction(ctx, on); err != nil {
			return err
		}
	}
	if on, ok := after["user_requests_for_apps"].(bool); ok {
		c.settings.drop()
		return c.client.PatchTeamsAppSettings(ctx, msgraph.TeamsAppSettings{AllowUserRequests: &on})
	}
	return nil
}

// badRequest reports whether a write was refused with a 400, which was seen to
// be said of changes that were made (graph facts 2.4).
func badRequest(err error) bool {
	var graph *msgraph.Error
	var admin *teamsadmin.Error
	return errors.As(err, &graph) && graph.Status == http.StatusBadRequest || errors.As(err, &admin) && admin.Status == http.StatusBadRequest
}

// ambiguous reports whether a failed write may have happened all the same.
func ambiguous(err error) bool {
	return err != nil && (msgraph.IsAmbiguous(err) || teamsadmin.IsAmbiguous(err))
}
