package consent

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// Surface is what consent to an app depends on, taken from its manifest. Two of
// them are enough to say whether an update asks people again, so a surface can
// be kept where the old package cannot. Lists are sorted and without doubles,
// GUIDs and scopes in small letters.
type Surface struct {
	Format             int              `json:"format"` // 1
	Version            string           `json:"version"`
	Bot                *SurfaceBot      `json:"bot,omitempty"` // a manifest has at most one
	ComposeExtension   *SurfaceCompose  `json:"compose_extension,omitempty"`
	Connectors         []string         `json:"connectors,omitempty"`  // connectorId
	StaticTabs         []string         `json:"static_tabs,omitempty"` // entityId
	ConfigurableTab    bool             `json:"configurable_tab,omitempty"`
	WebApplicationInfo string           `json:"web_application_info,omitempty"` // canonical JSON
	Resource           []ResourceAccess `json:"resource_specific,omitempty"`
	Permissions        []string         `json:"permissions,omitempty"` // the deprecated list
	Agents             []string         `json:"agents,omitempty"`      // kinds of copilotAgents
}

// SurfaceBot is what matters of a bot; absent booleans are false.
type SurfaceBot struct {
	ID               string   `json:"id"`
	Scopes           []string `json:"scopes,omitempty"`
	NotificationOnly bool     `json:"notification_only,omitempty"`
	Files            bool     `json:"files,omitempty"`
	Calling          bool     `json:"calling,omitempty"`
	Video            bool     `json:"video,omitempty"`
}

// SurfaceCompose is what matters of a message extension.
type SurfaceCompose struct {
	BotID string `json:"bot_id,omitempty"`
}

// ResourceAccess is a resource-specific permission.
type ResourceAccess struct {
	Type string `json:"type"` // "Application" or "Delegated"
	Name string `json:"name"`
}

// SurfaceOf reads it from a manifest.
func SurfaceOf(root *jsondoc.Node) Surface {
	s := Surface{
		Format:          1,
		Version:         root.Get("version").Str(),
		Connectors:      members(root.Get("connectors"), "connectorId"),
		StaticTabs:      members(root.Get("staticTabs"), "entityId"),
		ConfigurableTab: len(root.Get("configurableTabs").List()) > 0,
		Permissions:     set(root.Get("permissions").Strings()),
		Resource:        ResourceOf(root),
	}
	if bot := root.Get("bots").Index(0); bot != nil {
		s.Bot = &SurfaceBot{
			ID:               strings.ToLower(bot.Get("botId").Str()),
			Scopes:           set(lower(bot.Get("scopes").Strings())),
			NotificationOnly: bot.Get("isNotificationOnly").True(),
			Files:            bot.Get("supportsFiles").True(),
			Calling:          bot.Get("supportsCalling").True(),
			Video:            bot.Get("supportsVideo").True(),
		}
	}
	if extension := root.Get("composeExtensions").Index(0); extension != nil {
		s.ComposeExtension = &SurfaceCompose{BotID: strings.ToLower(extension.Get("botId").Str())}
	}
	if web := root.Get("webApplicationInfo"); web != nil && web.Kind != jsondoc.Null {
		s.WebApplicationInfo = foldGUIDs(web).Canonical()
	}
	for _, kind := range []string{"customEngineAgents", "declarativeAgents"} {
		if len(root.At("copilotAgents", kind).List()) > 0 {
			s.Agents = append(s.Agents, kind)
		}
	}
	return s
}

// ResourceOf reads both homes of these permissions: up to 1.11 they were
// names in webApplicationInfo, all of the application's own.
func ResourceOf(root *jsondoc.Node) []ResourceAccess {
	var out []ResourceAccess
	for _, p := range root.At("authorization", "permissions", "resourceSpecific").List() {
		out = append(out, ResourceAccess{Type: p.Get("type").Str(), Name: p.Get("name").Str()})
	}
	for _, name := range root.At("webApplicationInfo", "applicationPermissions").Strings() {
		out = append(out, ResourceAccess{Type: "Application", Name: name})
	}
	slices.SortFunc(out, func(a, b ResourceAccess) int {
		return cmp.Or(strings.Compare(a.Type, b.Type), strings.Compare(a.Name, b.Name))
	})
	return slices.Compact(out)
}

var guidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)

// foldGUIDs copies a value with its GUIDs in small letters.
func foldGUIDs(n *jsondoc.Node) *jsondoc.Node {
	out := *n
	if n.Kind == jsondoc.String && guidForm.MatchString(n.Text) {
		out.Text = strings.ToLower(n.Text)
	}
	out.Items = nil
	for _, item := range n.Items {
		out.Items = append(out.Items, foldGUIDs(item))
	}
	out.Members = nil
	for _, m := range n.Members {
		m.Value = foldGUIDs(m.Value)
		out.Members = append(out.Members, m)
	}
	return &out
}

func members(list *jsondoc.Node, name string) []string {
	var out []string
	for _, item := range list.List() {
		out = append(out, item.Get(name).Str())
	}
	return set(out)
}

func lower(list []string) []string {
	for i := range list {
		list[i] = strings.ToLower(list[i])
	}
	return list
}

// set sorts a list and takes doubles out.
func set(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// added returns what is in new and not in old.
func added[T comparable](old, new []T) []T {
	known := map[T]bool{}
	for _, x := range old {
		known[x] = true
	}
	var out []T
	for _, x := range new {
		if !known[x] {
			out = append(out, x)
		}
	}
	return out
}
