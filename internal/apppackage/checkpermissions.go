package apppackage

import (
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// permissions checks resource-specific consent and the tie to Entra ID.
func (in *inspection) permissions() {
	web := in.root.Get("webApplicationInfo")
	const list = "/authorization/permissions/resourceSpecific"
	needs := false
	for i, n := range few(in.root.Lookup(list)) {
		name := n.Get("name").Str()
		office := strings.HasPrefix(name, "Mailbox") || strings.HasPrefix(name, "Document")
		suffix := strings.HasSuffix(name, ".Group") || strings.HasSuffix(name, ".Chat") || strings.HasSuffix(name, ".User")
		needs = needs || suffix && !office
		if name != "" && !suffix && !office {
			in.report("RscScopeSuffix", jsondoc.Item(list, i)+"/name", fmt.Sprintf("%q is no permission on a team, chat or user", name), "such permissions end in .Group, .Chat or .User")
		}
	}
	if needs && (web.Get("id").Str() == "" || web.Get("resource").Str() == "") {
		in.report("RscNeedsWebApplicationInfo", list, "permissions on teams, chats and users need webApplicationInfo with id and resource", "add both; without single sign-on any text will do as resource")
	}
	in.resourceForm(web)
	if in.root.Get("graphConnector") != nil && web.Get("id").Str() == "" {
		in.report("GraphConnectorNeedsAppId", "/graphConnector", "graphConnector needs webApplicationInfo.id", "add the id of the Entra application")
	}
}

func (in *inspection) resourceForm(web *jsondoc.Node) {
	id, resource := web.Get("id").Str(), web.Get("resource").Str()
	if resource == "" {
		return
	}
	rest, ok := strings.CutPrefix(resource, "api://")
	host, tail, slash := strings.Cut(rest, "/")
	bot := func(s string) bool { return strings.HasPrefix(strings.ToLower(s), "botid-") }
	if ok && (bot(rest) || slash && host != "" && (strings.EqualFold(tail, id) || bot(tail))) {
		return
	}
	in.report("WebApplicationInfoResourceForm", "/webApplicationInfo/resource", fmt.Sprintf("webApplicationInfo.resource is %.80q; single sign-on would not work with it", resource),
		"for single sign-on write api://<host of the app>/<webApplicationInfo.id>; without it this does not matter")
}
