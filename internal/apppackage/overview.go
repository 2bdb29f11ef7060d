package apppackage

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/consent"
	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// Overview is what an administrator asks of a package before anything else.
// Each line is one thing, in words.
type Overview struct {
	Capabilities []string // "bot for people and teams; files"
	Permissions  []string // resource-specific ones, the deprecated ones, devices, sign-in
	Domains      []string // validDomains
	Languages    []string // language tags, the default first
}

// Overview looks through the manifest.
func (p *Package) Overview() Overview {
	root := p.tree()
	return Overview{Capabilities: capabilitiesOf(root), Permissions: permissionsOf(root), Domains: fewStrings(root.Get("validDomains")), Languages: languagesOf(root)}
}

// where words scopes, such as " for people, teams and group chats".
func where(scopes []string) string {
	names := map[string]string{"personal": "people", "team": "teams", "groupchat": "group chats", "copilot": "Copilot"}
	var out []string
	for _, s := range scopes {
		name := names[strings.ToLower(s)]
		if name == "" {
			name = s
		}
		out = append(out, name)
	}
	if len(out) == 0 {
		return ""
	}
	return " for " + strings.Join(out, ", ")
}

func capabilitiesOf(root *jsondoc.Node) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, bot := range few(root.Get("bots")) {
		line := "bot" + where(fewStrings(bot.Get("scopes")))
		for _, ability := range []struct{ member, word string }{
			{"isNotificationOnly", "notifications only"}, {"supportsFiles", "files"}, {"supportsCalling", "calls"}, {"supportsVideo", "video"},
		} {
			if bot.Get(ability.member).True() {
				line += "; " + ability.word
			}
		}
		out = append(out, line)
	}
	for _, tab := range few(root.Get("staticTabs")) {
		name := tab.Get("name").Str()
		if name == "" {
			name = tab.Get("entityId").Str()
		}
		add("tab %q%s", name, where(fewStrings(tab.Get("scopes"))))
	}
	for _, tab := range few(root.Get("configurableTabs")) {
		add("tab that is set up where it is added%s", where(fewStrings(tab.Get("scopes"))))
	}
	for _, e := range few(root.Get("composeExtensions")) {
		kind := "a bot"
		if isAPIBased(e) {
			kind = "an API"
		}
		add("message extension of %s, %d commands", kind, len(few(e.Get("commands"))))
	}
	for _, c := range few(root.Get("connectors")) {
		add("connector%s", where(fewStrings(c.Get("scopes"))))
	}
	for _, agent := range few(root.At("copilotAgents", "declarativeAgents")) {
		add("declarative agent %q", agent.Get("id").Str())
	}
	if len(few(root.At("copilotAgents", "customEngineAgents"))) > 0 {
		add("custom engine agent")
	}
	for _, more := range []struct{ member, word string }{
		{"extensions", "Office add-in"},
		{"dashboardCards", "dashboard cards"},
		{"meetingExtensionDefinition", "meeting extension"},
		{"agentConnectors", "agent connector"},
		{"agentSkills", "agent skills"},
		{"agenticUserTemplates", "agentic users"},
		{"graphConnector", "Graph connector"},
		{"activities", "activity feed notifications"},
	} {
		if n := root.Get(more.member); n != nil && len(n.Items)+len(n.Members) > 0 {
			out = append(out, more.word)
		}
	}
	return out
}

func permissionsOf(root *jsondoc.Node) []string {
	var out []string
	for _, r := range consent.ResourceOf(root) {
		whose := "the app's own"
		if strings.EqualFold(r.Type, "Delegated") {
			whose = "on behalf of people"
		}
		out = append(out, fmt.Sprintf("%s (%s)", r.Name, whose))
	}
	for _, name := range fewStrings(root.Get("permissions")) {
		out = append(out, name+" (of the deprecated list)")
	}
	for _, name := range fewStrings(root.Get("devicePermissions")) {
		out = append(out, "device: "+name)
	}
	if web := root.Get("webApplicationInfo"); present(web) {
		out = append(out, fmt.Sprintf("signs in as the Entra application %s", web.Get("id").Str()))
	}
	return out
}

func languagesOf(root *jsondoc.Node) []string {
	info := root.Get("localizationInfo")
	var out []string
	if tag := info.Get("defaultLanguageTag").Str(); tag != "" {
		out = append(out, tag)
	}
	var more []string
	for _, l := range few(info.Get("additionalLanguages")) {
		more = append(more, l.Get("languageTag").Str())
	}
	slices.Sort(more)
	return append(out, more...)
}

// DecodeIcon decodes a PNG that is no larger than an icon could reasonably be.
func DecodeIcon(data []byte) (image.Image, error) {
	config, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decode the icon: %w", err)
	}
	if int64(config.Width)*int64(config.Height) > maxPixels {
		return nil, fmt.Errorf("the icon has %dx%d pixels", config.Width, config.Height)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decode the icon: %w", err)
	}
	return picture, nil
}
