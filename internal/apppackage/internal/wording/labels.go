package wording

import (
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// label is what people call a member; "" for members that only hold others.
func label(pattern, name string) string {
	if word, ok := labels()[pattern]; ok {
		return word
	}
	return name
}

func labels() map[string]string {
	return map[string]string{
		"/name":                                 "",
		"/name/short":                           "short name",
		"/name/full":                            "full name",
		"/description":                          "",
		"/description/short":                    "short description",
		"/description/full":                     "long description",
		"/developer":                            "developer",
		"/developer/websiteUrl":                 "web site",
		"/developer/privacyUrl":                 "privacy statement",
		"/developer/termsOfUseUrl":              "terms of use",
		"/developer/mpnId":                      "partner id",
		"/icons":                                "",
		"/icons/color":                          "file of the color icon",
		"/icons/outline":                        "file of the outline icon",
		"/icons/color32x32":                     "file of the small color icon",
		"/accentColor":                          "accent color",
		"/manifestVersion":                      "manifest version",
		"/validDomains":                         "valid domain",
		"/staticTabs":                           "tabs",
		"/configurableTabs":                     "channel tab",
		"/bots":                                 "bot",
		"/bots/*/botId":                         "application id",
		"/bots/*/scopes":                        "scope",
		"/composeExtensions":                    "message extension",
		"/composeExtensions/*/botId":            "application id of its bot",
		"/connectors":                           "connectors",
		"/permissions":                          "permission (deprecated list)",
		"/devicePermissions":                    "device permission",
		"/webApplicationInfo":                   "Entra application",
		"/authorization":                        "",
		"/authorization/permissions":            "",
		"/activities":                           "activity feed",
		"/activities/activityTypes":             "activity types",
		"/localizationInfo":                     "languages",
		"/meetingExtensionDefinition":           "meeting extension",
		"/dashboardCards":                       "dashboard cards",
		"/copilotAgents":                        "",
		"/extensions":                           "Office add-in",
		"/isFullScreen":                         "full screen",
		"/showLoadingIndicator":                 "loading indicator",
		"/defaultInstallScope":                  "default place to add it",
		"/defaultBlockUntilAdminAction":         "blocked until an administrator acts",
		"/publisherDocsUrl":                     "page for administrators",
		"/configurableProperties":               "property that administrators may change",
		"/localizationInfo/defaultLanguageTag":  "default language",
		"/localizationInfo/additionalLanguages": "languages",
		"/authorization/permissions/resourceSpecific": "permissions",
		"/copilotAgents/declarativeAgents":            "declarative agents",
		"/copilotAgents/customEngineAgents":           "custom engine agents",
	}
}

// element describes lists of objects: what one is called and which members name
// it.
type element struct {
	one  string
	keys []string
}

func elements() map[string]element {
	return map[string]element{
		"/bots":                                 {one: "bot"},
		"/staticTabs":                           {"tab", []string{"entityId"}},
		"/configurableTabs":                     {one: "channel tab"},
		"/composeExtensions":                    {one: "message extension"},
		"/connectors":                           {"connector", []string{"connectorId"}},
		"/activities/activityTypes":             {"activity type", []string{"type"}},
		"/localizationInfo/additionalLanguages": {"language", []string{"languageTag"}},
		"/authorization/permissions/resourceSpecific": {"permission", []string{"name", "type"}},
		"/dashboardCards":                   {"dashboard card", []string{"id"}},
		"/copilotAgents/declarativeAgents":  {"declarative agent", []string{"id"}},
		"/copilotAgents/customEngineAgents": {"custom engine agent", []string{"id"}},
		"/extensions":                       {one: "Office add-in"},
	}
}

func known(pattern string) element {
	if e, ok := elements()[pattern]; ok {
		return e
	}
	switch pattern[strings.LastIndexByte(pattern, '/')+1:] {
	case "commands":
		return element{"command", []string{"id", "title"}}
	case "commandLists":
		return element{one: "command list"}
	case "parameters":
		return element{"parameter", []string{"name"}}
	case "messageHandlers":
		return element{one: "message handler"}
	}
	return element{"", []string{"id", "name"}}
}

func singular(pattern string) string { return known(pattern).one }

func keyOf(pattern string) []string { return known(pattern).keys }

// alone reports whether the schemas allow one element only.
func alone(pattern string) bool {
	switch pattern {
	case "/bots", "/composeExtensions", "/configurableTabs", "/connectors", "/extensions":
		return true
	}
	return false
}

// nameOf joins the members that name an element. Of commands the first that is
// there counts, of permissions both do.
func nameOf(n *jsondoc.Node, keys []string) string {
	var parts []string
	for _, key := range keys {
		if text := n.Get(key).Str(); text != "" {
			parts = append(parts, text)
		}
		if len(parts) > 0 && keys[0] == "id" {
			break
		}
	}
	return strings.Join(parts, " ")
}
