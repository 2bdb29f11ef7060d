package apppackage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// hostForm is a host with an optional port, a * for whole labels, and tokens in
// braces that Teams fills in ({teamsitedomain}).
var hostForm = regexp.MustCompile(`^([A-Za-z0-9*_-]+|\{[A-Za-z]+\})(\.([A-Za-z0-9*_-]+|\{[A-Za-z]+\}))*(:[0-9]+)?$`)

// Hosts on which many owners have their names: a wildcard over them lets
// strangers in. azureedge.net stands beside azureedge.com of the guidelines,
// which seems to mean it.
func sharedHosting() []string {
	return []string{
		"amazonaws.com", "appspot.com", "azurewebsites.net", "cloudapp.net", "dialogflow.com", "glitch.me", "heroku.com", "onmicrosoft.com", "recast.ai",
		"sharepoint.com", "azureedge.com", "azureedge.net", "microsoft.com", "microsoftonline.com", "botframework.com",
	}
}

// Hosts of tunnels to developers' machines. The last six are our addition.
func tunnels() []string {
	return []string{"ngrok.io", "openport.io", "portmap.io", "fwd.wf", "ngrok-free.app", "ngrok.app", "devtunnels.ms", "loca.lt", "trycloudflare.com", "serveo.net"}
}

func (in *inspection) domains() {
	list := few(in.root.Get("validDomains"))
	seen := map[string]bool{}
	for i, n := range list {
		if n.Kind != jsondoc.String {
			continue
		}
		in.domain(jsondoc.Item("/validDomains", i), n.Text)
		folded := strings.ToLower(n.Text)
		if seen[folded] {
			in.report("ValidDomainsDuplicate", jsondoc.Item("/validDomains", i), fmt.Sprintf("%q is in validDomains already", n.Text), "take it out")
		}
		seen[folded] = true
	}
	entries := fewStrings(in.root.Get("validDomains"))
	in.hosts(func(path, url string) {
		if host := hostOf(url); host != "" && !covered(host, entries) {
			in.report("ValidDomainsMissingHost", path, fmt.Sprintf("%s is on %s, which validDomains does not cover; Teams will not show the page", dotted(path), host), fmt.Sprintf("add %q to validDomains", host))
		}
	})
	signsIn := len(few(in.root.Get("bots"))) > 0 && in.root.Get("webApplicationInfo") != nil
	if signsIn && !covered("token.botframework.com", entries) {
		in.report("OAuthCardDomain", "/validDomains", "the bot may sign users in, but token.botframework.com is not in validDomains", `add "token.botframework.com" if the bot sends sign-in cards`)
	}
}

func (in *inspection) domain(path, entry string) {
	host := strings.ToLower(entry)
	if i := strings.LastIndexByte(host, ':'); i >= 0 && strings.Trim(host[i+1:], "0123456789") == "" {
		host = host[:i]
	}
	if !hostForm.MatchString(entry) {
		in.report("ValidDomainsContainsUrl", path, fmt.Sprintf("%s is %.80q", dotted(path), entry), "write the host alone: no scheme, no path")
		return
	}
	labels := strings.Split(host, ".")
	stars := 0
	for stars < len(labels) && labels[stars] == "*" {
		stars++
	}
	rest := strings.Join(labels[stars:], ".")
	switch {
	case strings.Contains(rest, "*"):
		in.report("ValidDomainsWildcardPosition", path, fmt.Sprintf("%q has a * that is not a whole label at the front", entry), "each * stands for one label, as in *.contoso.example or *.*.contoso.example")
	case stars > 0 && len(labels)-stars < 2:
		in.report("ValidDomainsTopLevel", path, fmt.Sprintf("%q allows a whole top-level domain", entry), "name your own domain")
	case stars > 0 && slices.Contains(sharedHosting(), rest), rest == "go.microsoft.com", rest == "teams.microsoft.com":
		in.report("ValidDomainsHostingWildcard", path, fmt.Sprintf("%q lets in hosts of other owners", entry), "name your own host")
	}
	if slices.ContainsFunc(tunnels(), func(t string) bool { return rest == t || strings.HasSuffix(rest, "."+t) }) {
		in.report("ValidDomainsTunnel", path, fmt.Sprintf("%q is a tunnel to a developer's machine", entry), "take it out before publishing")
	}
}

// hosts visits the URLs of pages that Teams shows inside itself.
func (in *inspection) hosts(visit func(path, url string)) {
	one := func(path string) {
		if url := in.root.Lookup(path).Str(); url != "" {
			visit(path, url)
		}
	}
	for i := range few(in.root.Get("staticTabs")) {
		one(jsondoc.Item("/staticTabs", i) + "/contentUrl")
	}
	for i := range few(in.root.Get("configurableTabs")) {
		one(jsondoc.Item("/configurableTabs", i) + "/configurationUrl")
	}
	for i := range few(in.root.Get("bots")) {
		for _, scope := range []string{"team", "groupChat"} {
			one(jsondoc.Item("/bots", i) + "/configuration/" + scope + "/taskInfo/url")
		}
	}
	for i, extension := range few(in.root.Get("composeExtensions")) {
		for j := range few(extension.Get("commands")) {
			one(jsondoc.Item(jsondoc.Item("/composeExtensions", i)+"/commands", j) + "/taskInfo/url")
		}
	}
}

// hostOf returns the host of a URL in small letters, or "" when there is none
// or a token stands for it.
func hostOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if i := strings.LastIndexByte(rest, ':'); i >= 0 {
		rest = rest[:i]
	}
	if strings.ContainsAny(rest, "{}") {
		return ""
	}
	return strings.ToLower(rest)
}

// covered reports whether an entry allows the host; a * is exactly one label.
func covered(host string, entries []string) bool {
	want := strings.Split(host, ".")
	return slices.ContainsFunc(entries, func(entry string) bool {
		entry = strings.ToLower(entry)
		if i := strings.Index(entry, "://"); i >= 0 {
			entry = entry[i+3:] // wrong, and reported; the intent is clear
		}
		entry, _, _ = strings.Cut(entry, "/")
		entry, _, _ = strings.Cut(entry, ":")
		return matchesLabels(strings.Split(entry, "."), want)
	})
}

func matchesLabels(pattern, host []string) bool {
	if len(pattern) != len(host) {
		return false
	}
	for i := range pattern {
		if pattern[i] != "*" && pattern[i] != host[i] {
			return false
		}
	}
	return true
}
