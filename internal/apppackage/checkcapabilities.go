package apppackage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// capabilities checks bots, tabs and the other things an app can be.
func (in *inspection) capabilities() {
	in.anyCapability()
	in.bots()
	in.tabs()
	in.activities()
	in.dashboardCards()
	in.customEngineAgents()
	in.relationships()
}

func (in *inspection) anyCapability() {
	for _, name := range []string{
		"staticTabs", "configurableTabs", "bots", "composeExtensions", "connectors", "copilotAgents", "extensions", "dashboardCards",
		"meetingExtensionDefinition", "agentConnectors", "agentSkills", "agenticUserTemplates", "graphConnector", "copilotExtensions",
	} {
		if n := in.root.Get(name); n != nil && len(n.Items)+len(n.Members) > 0 {
			return
		}
	}
	in.report("NoCapability", "", "the app has no tab, bot, message extension or other capability", "add one")
}

// isGroupChat accepts both spellings; 1.3 to 1.16 allow either.
func isGroupChat(scope string) bool { return strings.EqualFold(scope, "groupchat") }

func foldScope(scope string) string { return strings.ToLower(scope) }

func (in *inspection) bots() {
	for i, bot := range few(in.root.Get("bots")) {
		path := jsondoc.Item("/bots", i)
		if id := bot.Get("botId"); id != nil && !guidForm.MatchString(id.Str()) {
			in.report("BotIdIsNotGuid", path+"/botId", fmt.Sprintf("%s is %s", dotted(path+"/botId"), shown(id)), "write the bot's application id, a GUID")
		}
		scopes := fewStrings(bot.Get("scopes"))
		if in.before("1.3") && slices.ContainsFunc(scopes, isGroupChat) {
			in.report("GroupChatForBotsLessThanV13", path+"/scopes", "bots in group chats need manifest version 1.3", "raise manifestVersion")
		}
		in.commandLists(path, bot, scopes)
	}
}

func (in *inspection) commandLists(path string, bot *jsondoc.Node, scopes []string) {
	taken := map[string]bool{}
	for j, list := range few(bot.Get("commandLists")) {
		at := jsondoc.Item(path+"/commandLists", j) + "/scopes"
		for _, scope := range fewStrings(list.Get("scopes")) {
			folded := foldScope(scope)
			switch {
			case !slices.ContainsFunc(scopes, func(s string) bool { return foldScope(s) == folded }):
				in.report("CommandListScope", at, fmt.Sprintf("the command list is for scope %q, which the bot does not have", scope), "add the scope to the bot, or take it out of the list")
			case taken[folded]:
				in.report("CommandListScope", at, fmt.Sprintf("scope %q has a command list already", scope), "join the lists")
			}
			taken[folded] = true
		}
	}
}

func (in *inspection) tabs() {
	seen := map[string]bool{}
	for i, tab := range few(in.root.Get("staticTabs")) {
		path := jsondoc.Item("/staticTabs", i)
		id, name := tab.Get("entityId").Str(), tab.Get("name")
		switch reserved := id == "conversations" || id == "about"; {
		case reserved && name != nil && name.Kind != jsondoc.Null:
			in.report("ReservedStaticTabNameShouldBeNull", path+"/name", fmt.Sprintf("the tab %q is Teams' own and takes no name", id), "take the name out")
		case !reserved && strings.TrimSpace(name.Str()) == "":
			in.report("StaticTabNameCouldNotBeEmpty", path+"/name", fmt.Sprintf("%s has no name", dotted(path)), "add one")
		}
		if seen[id] {
			in.report("StaticTabEntityIdDuplicate", path+"/entityId", fmt.Sprintf("another static tab has the entityId %q", id), "give each tab its own")
		}
		seen[id] = true
	}
	for i, tab := range few(in.root.Get("configurableTabs")) {
		if in.before("1.3") && slices.ContainsFunc(fewStrings(tab.Get("scopes")), isGroupChat) {
			in.report("GroupChatForConfigurableTabsLessThanV13", jsondoc.Item("/configurableTabs", i)+"/scopes", "tabs in group chats need manifest version 1.3", "raise manifestVersion")
		}
	}
}

func (in *inspection) activities() {
	seen := map[string]bool{}
	for i, activity := range few(in.root.At("activities", "activityTypes")) {
		path := jsondoc.Item("/activities/activityTypes", i) + "/type"
		name := activity.Get("type").Str()
		switch {
		case name == "systemDefault":
			in.report("ReservedActivitiesValidation", path, "the activity type systemDefault is Teams' own", "take it out; it exists without being declared")
		case seen[name]:
			in.report("UniqueActivityTypeInActivitiesValidation", path, fmt.Sprintf("the activity type %q is declared twice", name), "give each its own name")
		}
		seen[name] = true
	}
}

func (in *inspection) dashboardCards() {
	seen := map[string]bool{}
	for i, card := range few(in.root.Get("dashboardCards")) {
		path := jsondoc.Item("/dashboardCards", i)
		id := card.Get("id").Str()
		if seen[id] {
			in.report("DashboardCardEntityIdsAreNotUnique", path+"/id", fmt.Sprintf("another dashboard card has the id %q", id), "give each card its own")
		}
		seen[id] = true
		if icon := card.Get("icon"); icon.Get("iconUrl") != nil && icon.Get("officeUIFabricIconName") != nil {
			in.report("DashboardCardBothIconNameAndUrlPresent", path+"/icon", "the icon has both iconUrl and officeUIFabricIconName", "keep one")
		}
	}
}

func (in *inspection) customEngineAgents() {
	for i, agent := range few(in.root.At("copilotAgents", "customEngineAgents")) {
		id := agent.Get("id").Str()
		personal := slices.ContainsFunc(few(in.root.Get("bots")), func(bot *jsondoc.Node) bool {
			return strings.EqualFold(bot.Get("botId").Str(), id) && slices.Contains(fewStrings(bot.Get("scopes")), "personal")
		})
		if !personal {
			in.report("CustomEngineAgentBot", jsondoc.Item("/copilotAgents/customEngineAgents", i)+"/id",
				fmt.Sprintf("no bot of the app with scope personal has the botId %q", id), "use the botId of such a bot")
		}
	}
}

// relationships checks that the elements of elementRelationshipSet exist.
func (in *inspection) relationships() {
	set := in.root.Get("elementRelationshipSet")
	for i, pair := range few(set.Get("oneWayDependencies")) {
		path := jsondoc.Item("/elementRelationshipSet/oneWayDependencies", i)
		in.element(path+"/element", pair.Get("element"))
		for j, target := range few(pair.Get("dependsOn")) {
			in.element(jsondoc.Item(path+"/dependsOn", j), target)
		}
	}
	for i, group := range few(set.Get("mutualDependencies")) {
		for j, element := range few(group) {
			in.element(jsondoc.Item(jsondoc.Item("/elementRelationshipSet/mutualDependencies", i), j), element)
		}
	}
}

func (in *inspection) element(path string, element *jsondoc.Node) {
	kind, id := element.Get("name").Str(), element.Get("id").Str()
	key := map[string]string{"bots": "botId", "staticTabs": "entityId", "configurableTabs": "id", "composeExtensions": "id"}[kind]
	if key == "" {
		return // the schema says so
	}
	var target *jsondoc.Node
	for _, candidate := range few(in.root.Get(kind)) {
		if candidate.Get(key).Str() == id {
			target = candidate
		}
	}
	if target == nil {
		in.report("ElementRelationshipTarget", path+"/id", fmt.Sprintf("%s has no element with %s %q", kind, key, id), "name one that exists")
		return
	}
	for k, command := range fewStrings(element.Get("commandIds")) {
		if !slices.ContainsFunc(few(target.Get("commands")), func(c *jsondoc.Node) bool { return c.Get("id").Str() == command }) {
			in.report("ElementRelationshipTarget", jsondoc.Item(path+"/commandIds", k), fmt.Sprintf("%s has no command with id %q", kind, command), "name one that exists")
		}
	}
}
