package apppackage_test

import "strings"

func identityCases() []ruleCase {
	many := func(n int) string { return strings.Repeat("é", n) }
	const v = "https://developer.microsoft.com/json-schemas/teams/"
	return []ruleCase{
		{rule: "ManifestVersionUnknown", on: "bot", bad: []edit{{"/manifestVersion", "1.18"}, {"/$schema", v + "v1.18/MicrosoftTeams.schema.json"}}, near: []edit{{"/manifestVersion", "1.24"}}},
		{rule: "Serialization_ManifestVersionPropertyMissing", on: "bot", bad: []edit{{"/manifestVersion", nil}}, also: []string{"SchemaVersionMismatch"}},
		{rule: "Serialization_ManifestVersionPropertyMissing", on: "bot", bad: []edit{{"/manifestVersion", nil}, {"/$schema", "x"}}},
		{rule: "CommonManifestVersionIsRequiredField", on: "bot", bad: []edit{{"/manifestVersion", ""}, {"/$schema", "x"}}},
		{
			rule: "ManifestVersionPreview", on: "bot", bad: []edit{{"/manifestVersion", "devPreview"}, {"/$schema", v + "vDevPreview/MicrosoftTeams.schema.json"}},
			also: []string{"LocalizationSchemaVersionIsNotTheSameAsTheManifestSchemaVersion"},
		},
		{rule: "CommonSchemaUrlIsRequiredField", on: "bot", bad: []edit{{"/$schema", nil}}},
		{rule: "SchemaVersionMismatch", on: "bot", bad: []edit{{"/$schema", v + "v1.24/MicrosoftTeams.schema.json"}}, near: []edit{{"/$schema", "https://developer.microsoft.com/fr-fr/json-schemas/teams/v1.25/MicrosoftTeams.schema.json"}}, at: "/$schema"},
		{rule: "SchemaNotLocalization", on: "bot", bad: []edit{{"/$schema", v + "v1.25/MicrosoftTeams.Localization.schema.json"}}, at: "/$schema"},
		{rule: "VersionHasMajorLessThan1", on: "bot", bad: []edit{{"/version", "0.9.0"}}, near: []edit{{"/version", "10.0.0"}}, at: "/version"},
		{rule: "ShortNameIsRequiredField", on: "bot", bad: []edit{{"/name/short", " "}}, at: "/name/short"},
		{rule: "ShortNameIsRequiredField", on: "bot", bad: []edit{{"/name/short", nil}}, at: "/name"},
		{rule: "ShortNameLengthCheck", on: "bot", bad: []edit{{"/name/short", many(31)}}, near: []edit{{"/name/short", many(30)}}, at: "/name/short"},
		{rule: "ShortNameEqualsReservedName", on: "bot", bad: []edit{{"/name/short", "calendar"}}, near: []edit{{"/name/short", "Calendar of works"}}},
		{rule: "ShortNameEqualsReservedName", on: "bot", bad: []edit{{"/name/short", "Teams"}}, also: []string{"ShortNameMicrosoft"}},
		{rule: "ShortNameMicrosoft", on: "bot", bad: []edit{{"/name/short", "MyTeamsApp"}}, near: []edit{{"/name/short", "Team tools"}}},
		{rule: "FullNameMicrosoft", on: "bot", bad: []edit{{"/name/full", "Workshop for MICROSOFT"}}, near: []edit{{"/name/full", "Workshop for Contoso"}}},
		{rule: "ShortNameContainsPreprodWording", on: "bot", bad: []edit{{"/name/short", "WorkshopStaging"}}, near: []edit{{"/name/short", "Productivity"}}},
		{rule: "FullNameContainsPreprodWording", on: "bot", bad: []edit{{"/name/full", "Workshop (beta)"}}, near: []edit{{"/name/full", "Alphabetagamma"}}},
		{rule: "NameFullEqualsShort", on: "bot", bad: []edit{{"/name/full", " workshop"}}, near: []edit{{"/name/full", "Workshops"}}},
		{rule: "ShortDescriptionCannotBeEmpty", on: "bot", bad: []edit{{"/description/short", ""}}, at: "/description/short"},
		{rule: "ShortDescriptionLengthCheck", on: "bot", bad: []edit{{"/description/short", many(81)}}, near: []edit{{"/description/short", many(80)}}},
		{rule: "FullDescriptionCannotBeEmpty", on: "bot", bad: []edit{{"/description/full", nil}}, at: "/description"},
		{rule: "FullDescriptionLengthCheck", on: "bot", bad: []edit{{"/description/full", many(4001)}}, near: []edit{{"/description/full", many(4000)}}},
		{rule: "DescriptionFullEqualsShort", on: "bot", bad: []edit{{"/description/full", "plan repairs and parts. "}}},
		{rule: "FullDescriptionContainsShortDescription", on: "bot", bad: []edit{{"/description/full", "The app: PLAN repairs and parts. And more."}}, near: []edit{{"/description/full", "Plan repairs and other parts."}}},
		{rule: "DescriptionCompetitor", on: "bot", bad: []edit{{"/description/full", "As in Hangouts Meet."}}, near: []edit{{"/description/full", "Takes up the slackened belt."}}},
		{rule: "DeveloperNameIsRequiredField", on: "bot", bad: []edit{{"/developer/name", ""}}},
		{rule: "DeveloperNameLengthCheck", on: "bot", bad: []edit{{"/developer/name", many(33)}}, near: []edit{{"/developer/name", many(32)}}},
		{rule: "DeveloperWebsiteUrlIsRequiredField", on: "bot", bad: []edit{{"/developer/websiteUrl", nil}}},
		{rule: "DeveloperWebsiteUrlMustBeHttps", on: "bot", bad: []edit{{"/developer/websiteUrl", "HTTP://a.example"}}, near: []edit{{"/developer/websiteUrl", "HTTPS://a.example"}}},
		{rule: "DeveloperPrivacyUrlIsRequiredField", on: "bot", bad: []edit{{"/developer/privacyUrl", nil}}},
		{rule: "DeveloperPrivacyUrlMustBeHttps", on: "bot", bad: []edit{{"/developer/privacyUrl", "http://a.example"}}},
		{rule: "DeveloperTermsOfUseUrlIsRequiredField", on: "bot", bad: []edit{{"/developer/termsOfUseUrl", nil}}},
		{rule: "DeveloperTermsOfUseUrlMustBeHttps", on: "bot", bad: []edit{{"/developer/termsOfUseUrl", "http://a.example"}}},
	}
}

func domainCases() []ruleCase {
	add := func(domain string) []edit { return []edit{{"/validDomains/-", domain}} }
	const at = "/validDomains/4"
	return []ruleCase{
		{rule: "ValidDomainsContainsUrl", on: "bot", bad: add("https://a.example"), near: add("a.example:8443"), at: at},
		{rule: "ValidDomainsContainsUrl", on: "bot", bad: add("a.example/path"), near: add("{tenant}.a.example"), at: at},
		{rule: "ValidDomainsContainsUrl", on: "bot", bad: add("a b"), near: add("localhost"), at: at},
		{rule: "ValidDomainsWildcardPosition", on: "bot", bad: add("a.*.example.com"), near: add("*.*.example.com"), at: at},
		{rule: "ValidDomainsWildcardPosition", on: "bot", bad: add("a*.example.com"), near: add("*.example.com"), at: at},
		{rule: "ValidDomainsTopLevel", on: "bot", bad: add("*.com"), near: add("*.a.com"), at: at},
		{rule: "ValidDomainsTopLevel", on: "bot", bad: add("*"), near: add("localhost"), at: at},
		{rule: "ValidDomainsHostingWildcard", on: "bot", bad: add("*.azurewebsites.net"), near: add("*.contoso.azurewebsites.net"), at: at},
		{rule: "ValidDomainsHostingWildcard", on: "bot", bad: add("teams.microsoft.com"), near: add("contoso.sharepoint.com"), at: at},
		{rule: "ValidDomainsTunnel", on: "bot", bad: add("x1.eu.ngrok.io"), near: add("mongrok.io"), at: at},
		{rule: "ValidDomainsMissingHost", on: "bot", bad: []edit{{"/staticTabs/0/contentUrl", "https://a.b.workshop.example/x"}}, near: []edit{{"/staticTabs/0/contentUrl", "https://B.WORKSHOP.example:444?x"}}, at: "/staticTabs/0/contentUrl"},
		{rule: "ValidDomainsMissingHost", on: "bot", bad: []edit{{"/configurableTabs/0/configurationUrl", "https://user@other.example/"}}, near: []edit{{"/configurableTabs/0/configurationUrl", "https://{teamsitedomain}/x"}}, at: "/configurableTabs/0/configurationUrl"},
		{rule: "ValidDomainsMissingHost", on: "bot", bad: []edit{{"/staticTabs/0/contentUrl", "https://other.example#x"}}, near: []edit{{"/staticTabs/0/contentUrl", "https:///x"}}},
		{rule: "ValidDomainsMissingHost", on: "bot", bad: []edit{{"/composeExtensions/0/commands/0/taskInfo/url", "https://workshop.example"}}, at: "/composeExtensions/0/commands/0/taskInfo/url"},
		{rule: "ValidDomainsMissingHost", on: "bot", bad: []edit{{"/bots/0/configuration", map[string]any{"team": map[string]any{"taskInfo": map[string]any{"url": "https://else.example"}}}}}, at: "/bots/0/configuration/team/taskInfo/url"},
		{rule: "ValidDomainsDuplicate", on: "bot", bad: add("APP.workshop.example"), near: add("app2.workshop.example"), at: at},
		{rule: "OAuthCardDomain", on: "bot", bad: []edit{{"/validDomains/2", nil}}, near: []edit{{"/validDomains/2", nil}, {"/webApplicationInfo", nil}}, at: "/validDomains"},
	}
}
