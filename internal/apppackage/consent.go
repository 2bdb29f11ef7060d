package apppackage

import (
	"fmt"
	"slices"
	"strings"
)

// Whether an update of an app is installed by itself or asks people again is
// documented by a list of changes, and Microsoft has changed that list over the
// years without saying how elements of two versions are matched. We hold the
// newest list for sure (required), and the older ones for possible: a change
// that only they name may still ask. Each change carries the lists that name it,
// so that an administrator can judge.
//
// A manifest has at most one bot, message extension and configurable tab; they
// are matched by being there. Static tabs are matched by entityId, connectors by
// connectorId, permissions by type and name. So a new botId is a change of the
// bot, while a new entityId is a new tab.

// Consent says whether people are asked again.
type Consent string

// The verdicts; required beats possible beats none.
const (
	ConsentRequired Consent = "required"
	ConsentPossible Consent = "possible"
	ConsentNone     Consent = "none"
)

// Change is a difference that bears on consent, or with ConsentNone a note that
// goes with one.
type Change struct {
	Rule    string // such as "bot-added"; "" for a note without a rule
	Consent Consent
	Path    string // JSON pointer
	Message string
	// Lists names the generations of the documented list that have the change:
	// C0 (2020), C1 (2021-2022) for developers; A1 (2021), A2 (2022), A3 (2023),
	// A4 (2024) for administrators; D is the manifest reference, K the guide to
	// converting agents (2026).
	Lists []string
}

// ConsentRules returns the rules that changes name and the lists that have them.
func ConsentRules() map[string][]string {
	all := []string{"C0", "C1", "A1", "A2", "A3", "A4"}
	return map[string][]string{
		"bot-added":                     all,
		"bot-removed":                   {"C0", "C1", "A1", "A2"},
		"bot-id-changed":                all,
		"bot-notification-only-changed": all,
		"bot-files-changed":             all,
		"bot-calling-changed":           {"C0", "A1", "A2", "A3", "A4"},
		"bot-video-changed":             {"A1", "A2", "A3", "A4"},
		"compose-extension-added":       all,
		"compose-extension-removed":     {"C0", "C1", "A3"},
		"connector-added":               {"C0", "C1", "A1", "A2", "A3"},
		"connector-removed":             {"A3"},
		"static-tab-added":              {"C0", "C1"},
		"configurable-tab-added":        {"C0", "C1", "A3"},
		"configurable-tab-removed":      {"A3"},
		"web-application-info-changed":  {"C0", "C1", "A1", "A3", "A4"},
		"rsc-permission-added":          {"A2", "A3", "A4"},
		"rsc-permission-removed":        {"A3", "A4"},
		"legacy-permissions-changed":    {"D"},
		"agent-kind-changed":            {"K"},
	}
}

// CompareSurfaces returns the differences of two versions that bear on consent,
// by path and rule, and the verdict on the whole.
func CompareSurfaces(old, new Surface) (Consent, []Change) {
	c := &comparison{lists: ConsentRules()}
	c.bots(old.Bot, new.Bot)
	c.extensions(old, new)
	c.tabs(old, new)
	c.permissions(old, new)
	if slices.Contains(old.Agents, "declarativeAgents") && !slices.Contains(old.Agents, "customEngineAgents") && slices.Contains(new.Agents, "customEngineAgents") {
		c.add("agent-kind-changed", ConsentRequired, "/copilotAgents", "the declarative agent becomes a custom engine agent; people accept the update in Copilot and Teams, and pins are lost")
	}
	slices.SortStableFunc(c.changes, func(a, b Change) int {
		if d := strings.Compare(a.Path, b.Path); d != 0 {
			return d
		}
		return strings.Compare(a.Rule, b.Rule)
	})
	verdict := ConsentNone
	for _, change := range c.changes {
		switch {
		case change.Consent == ConsentRequired:
			verdict = ConsentRequired
		case change.Consent == ConsentPossible && verdict == ConsentNone:
			verdict = ConsentPossible
		}
	}
	return verdict, c.changes
}

type comparison struct {
	lists   map[string][]string
	changes []Change
}

func (c *comparison) add(rule string, consent Consent, path, format string, args ...any) {
	c.changes = append(c.changes, Change{Rule: rule, Consent: consent, Path: path, Message: fmt.Sprintf(format, args...), Lists: c.lists[rule]})
}

func (c *comparison) note(path, format string, args ...any) {
	c.add("", ConsentNone, path, format, args...)
}

func (c *comparison) bots(old, new *SurfaceBot) {
	switch {
	case old == nil && new == nil:
		return
	case old == nil:
		c.add("bot-added", ConsentRequired, "/bots", "the app gains a bot")
		return
	case new == nil:
		c.add("bot-removed", ConsentPossible, "/bots", "the app loses its bot")
		return
	}
	if old.ID != new.ID {
		c.add("bot-id-changed", ConsentRequired, "/bots/0/botId", "the bot becomes another; chats with the old one stay behind")
	}
	if old.NotificationOnly != new.NotificationOnly {
		c.add("bot-notification-only-changed", ConsentRequired, "/bots/0/isNotificationOnly", "isNotificationOnly becomes %t", new.NotificationOnly)
	}
	c.ability("bot-files-changed", "supportsFiles", old.Files, new.Files, "C0", "C1")
	c.ability("bot-calling-changed", "supportsCalling", old.Calling, new.Calling, "C0")
	c.ability("bot-video-changed", "supportsVideo", old.Video, new.Video)
	if gained := added(old.Scopes, new.Scopes); len(gained) > 0 {
		c.note("/bots/0/scopes", "the bot gains scope %s; no list names this", strings.Join(gained, ", "))
	}
}

// ability compares a boolean that asks again for sure only when it is switched
// on. off names the lists that have its switching off.
func (c *comparison) ability(rule, field string, old, new bool, off ...string) {
	switch {
	case !old && new:
		c.add(rule, ConsentRequired, "/bots/0/"+field, "%s becomes true", field)
	case old && !new:
		c.add(rule, ConsentPossible, "/bots/0/"+field, "%s becomes false", field)
		c.changes[len(c.changes)-1].Lists = off
	}
}

func (c *comparison) extensions(old, new Surface) {
	switch before, after := old.ComposeExtension, new.ComposeExtension; {
	case before == nil && after != nil:
		c.add("compose-extension-added", ConsentRequired, "/composeExtensions", "the app gains a message extension")
	case before != nil && after == nil:
		c.add("compose-extension-removed", ConsentPossible, "/composeExtensions", "the app loses its message extension")
	case before != nil && before.BotID != after.BotID:
		c.note("/composeExtensions/0/botId", "the message extension belongs to another bot; no list names this")
	}
	for _, id := range added(old.Connectors, new.Connectors) {
		c.add("connector-added", ConsentPossible, "/connectors", "the app gains the connector %s", id)
	}
	for _, id := range added(new.Connectors, old.Connectors) {
		c.add("connector-removed", ConsentPossible, "/connectors", "the app loses the connector %s", id)
	}
}

func (c *comparison) tabs(old, new Surface) {
	for _, id := range added(old.StaticTabs, new.StaticTabs) {
		c.add("static-tab-added", ConsentPossible, "/staticTabs", "the app gains the tab %q", id)
	}
	switch {
	case !old.ConfigurableTab && new.ConfigurableTab:
		c.add("configurable-tab-added", ConsentPossible, "/configurableTabs", "the app gains a tab for channels and group chats")
	case old.ConfigurableTab && !new.ConfigurableTab:
		c.add("configurable-tab-removed", ConsentPossible, "/configurableTabs", "the app loses its tab for channels and group chats")
	}
}

func (c *comparison) permissions(old, new Surface) {
	const rsc = "/authorization/permissions/resourceSpecific"
	if old.WebApplicationInfo != new.WebApplicationInfo {
		how := "changes"
		if old.WebApplicationInfo == "" {
			how = "is added"
		} else if new.WebApplicationInfo == "" {
			how = "is removed"
		}
		c.add("web-application-info-changed", ConsentRequired, "/webApplicationInfo", "webApplicationInfo %s", how)
	}
	for _, p := range added(old.Resource, new.Resource) {
		c.add("rsc-permission-added", ConsentRequired, rsc, "the app gains the permission %s (%s)", p.Name, strings.ToLower(p.Type))
	}
	for _, p := range added(new.Resource, old.Resource) {
		c.add("rsc-permission-removed", ConsentRequired, rsc, "the app loses the permission %s (%s)", p.Name, strings.ToLower(p.Type))
	}
	if !slices.Equal(old.Permissions, new.Permissions) {
		c.add("legacy-permissions-changed", ConsentPossible, "/permissions", "the deprecated list of permissions changes from [%s] to [%s]", strings.Join(old.Permissions, ", "), strings.Join(new.Permissions, ", "))
	}
	if new.WebApplicationInfo != "" {
		c.note("/webApplicationInfo", "what the Entra application asks for is not in the package and was not compared")
	}
}
