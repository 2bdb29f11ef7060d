package consent

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Whether an update of an app is installed by itself or asks people again is
// documented by a list of changes, and Microsoft has changed that list over the
// years without saying how elements of two versions are matched. The lists are
// data (lists.json). What a list that holds today names surely asks
// (required); what only older ones name may still ask (possible). Each change
// carries the lists that name it, so that an administrator can judge.
//
// A manifest has at most one bot, message extension and configurable tab; they
// are matched by being there. Static tabs are matched by entityId, connectors by
// connectorId, permissions by type and name. So a new botId is a change of the
// bot, while a new entityId is a new tab.

// Verdict says whether people are asked again.
type Verdict string

// The verdicts; required beats possible beats none. Unknown is for an old
// version of which too little is known to say none.
const (
	Required Verdict = "required"
	Possible Verdict = "possible"
	None     Verdict = "none"
	Unknown  Verdict = "unknown"
)

// Change is a difference that bears on consent, or with None a note that
// goes with one.
type Change struct {
	Rule    string // such as "bot-added"; "" for a note without a rule
	Consent Verdict
	Path    string // JSON pointer
	Message string
	Lists   []string // ids of the lists that have the change, oldest first: see Load
}

// Judge says how fired rules count.
type Judge struct {
	// List judges alone where it is set: what it names is required, all else
	// none. nil weighs all lists, the present one most.
	List *List
}

// Compare returns the differences of two versions that bear on consent,
// by path and rule, and the verdict on the whole.
func Compare(old, new Surface, j Judge) (Verdict, []Change) {
	c := &comparison{judge: j}
	c.lists, c.err = Load()
	c.bots(old.Bot, new.Bot)
	c.extensions(old, new)
	c.tabs(old, new)
	c.permissions(old, new)
	if slices.Contains(old.Agents, "declarativeAgents") && !slices.Contains(old.Agents, "customEngineAgents") && slices.Contains(new.Agents, "customEngineAgents") {
		c.add("agent-kind-changed", "/copilotAgents", "the declarative agent becomes a custom engine agent; people accept the update in Copilot and Teams, and pins are lost")
	}
	return c.result()
}

// result sorts, and sums up.
func (c *comparison) result() (Verdict, []Change) {
	slices.SortStableFunc(c.changes, func(a, b Change) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Rule, b.Rule))
	})
	verdict := None
	for _, change := range c.changes {
		switch {
		case change.Consent == Required:
			verdict = Required
		case change.Consent == Possible && verdict == None:
			verdict = Possible
		}
	}
	if c.err != nil { // a broken build; the tests have seen the lists
		verdict = Unknown
	}
	return verdict, c.changes
}

type comparison struct {
	judge   Judge
	lists   []List
	err     error
	changes []Change
}

func (c *comparison) add(rule, path, format string, args ...any) {
	c.directed(rule, "", path, fmt.Sprintf(format, args...))
}

// directed adds a change whose direction some lists care about.
func (c *comparison) directed(rule, direction, path, message string) {
	change := Change{Rule: rule, Consent: None, Path: path, Message: message}
	for _, l := range c.lists {
		if l.Has(rule, direction) {
			change.Lists = append(change.Lists, l.ID)
			if change.Consent != Required {
				change.Consent = Possible
			}
			if l.Current {
				change.Consent = Required
			}
		}
	}
	if direction == "off" && len(change.Lists) == 0 {
		// No list speaks of video alone that goes; one that speaks of files and
		// calls names both directions, so it may be meant as well.
		change.Consent = Possible
	}
	if only := c.judge.List; only != nil {
		change.Consent = None
		if only.Has(rule, direction) {
			change.Consent = Required
		}
	}
	c.changes = append(c.changes, change)
}

func (c *comparison) note(path, format string, args ...any) {
	c.changes = append(c.changes, Change{Consent: None, Path: path, Message: fmt.Sprintf(format, args...)})
}

func (c *comparison) bots(old, new *SurfaceBot) {
	switch {
	case old == nil && new == nil:
		return
	case old == nil:
		c.add("bot-added", "/bots", "the app gains a bot")
		return
	case new == nil:
		c.add("bot-removed", "/bots", "the app loses its bot")
		return
	}
	if old.ID != new.ID {
		c.add("bot-id-changed", "/bots/0/botId", "the bot becomes another; chats with the old one stay behind")
	}
	if old.NotificationOnly != new.NotificationOnly {
		becomes := "the bot only notifies from now on"
		if !new.NotificationOnly {
			becomes = "the bot no longer only notifies"
		}
		c.add("bot-notification-only-changed", "/bots/0/isNotificationOnly", "%s (isNotificationOnly)", becomes)
	}
	c.ability("bot-files-changed", "supportsFiles", "files", old.Files, new.Files)
	c.ability("bot-calling-changed", "supportsCalling", "calls", old.Calling, new.Calling)
	c.ability("bot-video-changed", "supportsVideo", "video", old.Video, new.Video)
	if gained := added(old.Scopes, new.Scopes); len(gained) > 0 {
		c.note("/bots/0/scopes", "the bot gains scope %s; no list names this", strings.Join(gained, ", "))
	}
}

// ability compares a boolean of which some lists name only the switching on.
func (c *comparison) ability(rule, field, what string, old, new bool) {
	switch {
	case !old && new:
		c.directed(rule, "on", "/bots/0/"+field, fmt.Sprintf("the bot gains %s (%s)", what, field))
	case old && !new:
		c.directed(rule, "off", "/bots/0/"+field, fmt.Sprintf("the bot loses %s (%s)", what, field))
	}
}

func (c *comparison) extensions(old, new Surface) {
	switch before, after := old.ComposeExtension, new.ComposeExtension; {
	case before == nil && after != nil:
		c.add("compose-extension-added", "/composeExtensions", "the app gains a message extension")
	case before != nil && after == nil:
		c.add("compose-extension-removed", "/composeExtensions", "the app loses its message extension")
	case before != nil && before.BotID != after.BotID:
		c.note("/composeExtensions/0/botId", "the message extension belongs to another bot; no list names this")
	}
	for _, id := range added(old.Connectors, new.Connectors) {
		c.add("connector-added", "/connectors", "the app gains the connector %s", id)
	}
	for _, id := range added(new.Connectors, old.Connectors) {
		c.add("connector-removed", "/connectors", "the app loses the connector %s", id)
	}
}

func (c *comparison) tabs(old, new Surface) {
	for _, id := range added(old.StaticTabs, new.StaticTabs) {
		c.add("static-tab-added", "/staticTabs", "the app gains the tab %q", id)
	}
	switch {
	case !old.ConfigurableTab && new.ConfigurableTab:
		c.add("configurable-tab-added", "/configurableTabs", "the app gains a tab for channels and group chats")
	case old.ConfigurableTab && !new.ConfigurableTab:
		c.add("configurable-tab-removed", "/configurableTabs", "the app loses its tab for channels and group chats")
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
		c.add("web-application-info-changed", "/webApplicationInfo", "webApplicationInfo %s", how)
	}
	for _, p := range added(old.Resource, new.Resource) {
		c.add("rsc-permission-added", rsc, "the app gains the permission %s (%s)", p.Name, strings.ToLower(p.Type))
	}
	for _, p := range added(new.Resource, old.Resource) {
		c.add("rsc-permission-removed", rsc, "the app loses the permission %s (%s)", p.Name, strings.ToLower(p.Type))
	}
	if !slices.Equal(old.Permissions, new.Permissions) {
		c.add("legacy-permissions-changed", "/permissions", "the deprecated list of permissions changes from [%s] to [%s]", strings.Join(old.Permissions, ", "), strings.Join(new.Permissions, ", "))
	}
	if new.WebApplicationInfo != "" {
		c.note("/webApplicationInfo", "what the Entra application asks for is not in the package and was not compared")
	}
}
