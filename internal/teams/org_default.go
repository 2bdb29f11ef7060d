package teams

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// The organisation's default for custom apps concerns new apps and every app
// that nobody has set for itself. Closing it would take those from everybody at
// once, so each is first set to what it is; what is closed then is only what
// comes. Opening it gives everybody those that still follow it: that is what it
// says, and the plan names them.

// readDefault tells the default for custom apps, unless this identity may not
// read it.
func (c *orgSettings) readDefault(ctx context.Context, attrs schema.Attrs) error {
	d, err := c.defaults.get(ctx, c.admin.AppDefaults)
	switch {
	case teamsadmin.IsClosed(err):
		return nil
	case err != nil:
		return err
	case d.Custom != nil && *d.Custom:
		attrs[customAppsDefault] = schema.Everyone
	case d.Custom != nil:
		attrs[customAppsDefault] = schema.NoOne
	}
	return nil
}

// following lists the organisation's apps that follow the default.
func (c *orgSettings) following(ctx context.Context) ([]teamsadmin.AppAvailability, []string, error) {
	rows, err := c.availabilityList(ctx)
	if err != nil {
		return nil, nil, err
	}
	apps, err := c.catalogList(ctx)
	if err != nil {
		return nil, nil, err
	}
	var out []teamsadmin.AppAvailability
	var names []string
	for _, app := range apps {
		i := slices.IndexFunc(rows, func(r teamsadmin.AppAvailability) bool { return strings.EqualFold(r.ID, app.ID) })
		if i >= 0 && !rows[i].Available.Saved {
			out, names = append(out, rows[i]), append(names, app.DisplayName)
		}
	}
	slices.Sort(names)
	return out, names, nil
}

// setDefault opens or closes the default. It closes only once every app that
// follows it is seen to be set for itself.
func (c *orgSettings) setDefault(ctx context.Context, everyone bool) error {
	c.defaults.drop()
	if everyone {
		return c.control.SetCustomAppsDefault(ctx, true)
	}
	c.available.drop()
	apps, _, err := c.following(ctx)
	if err != nil {
		return err
	}
	for _, app := range apps {
		c.dropApp(app.ID)
		if err := c.control.SetAudience(ctx, app.ID, teamsadmin.Available, app.Available.Type); err != nil {
			return fmt.Errorf("app %s could not be set to what it is, so the default stays open: %w", app.ID, err)
		}
	}
	left, names, err := c.following(ctx)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return errors.New("these apps still follow the default, so it stays open: " + strings.Join(names, ", "))
	}
	return c.control.SetCustomAppsDefault(ctx, false)
}

// Explain implements engine.Explainer: it names the apps that a change of the
// default concerns.
func (c *orgSettings) Explain(ctx context.Context, asked []engine.Explicable) ([]engine.Explanation, error) {
	for _, e := range asked {
		if e.Change == nil {
			continue
		}
		for _, a := range e.Change.Attrs {
			if a.Attr.Name != customAppsDefault {
				continue
			}
			_, names, err := c.following(ctx)
			if errors.Is(err, engine.ErrClosed) {
				return nil, nil
			}
			if err != nil || len(names) == 0 {
				return nil, err
			}
			text := fmt.Sprintf("Opening the default gives everybody, guests included, each app that nobody has set for itself: %s.", firstFew(names))
			if a.After == schema.NoOne {
				text = fmt.Sprintf("Closing the default takes no app from anybody: what nobody has set for itself is first set to what it is now (%d: %s).", len(names), firstFew(names))
			}
			return []engine.Explanation{{Addr: e.Change.Addr, Attention: []string{text}}}, nil
		}
	}
	return nil, nil
}

func firstFew(names []string) string {
	if len(names) > 5 {
		return strings.Join(names[:5], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}
