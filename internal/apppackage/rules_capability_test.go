package apppackage_test

const guid = "00000000-0000-4000-8000-000000000001"

func capabilityCases() []ruleCase {
	type m = map[string]any
	type l = []any
	bare := []edit{
		{"/staticTabs", l{}}, {"/configurableTabs", l{}}, {"/bots", nil}, {"/composeExtensions", nil}, {"/dashboardCards", nil}, {"/elementRelationshipSet", nil}, {"/graphConnector", nil},
	}
	older := func(version string, more ...edit) []edit {
		return append([]edit{{"/manifestVersion", version}, {"/$schema", "https://developer.microsoft.com/json-schemas/teams/v" + version + "/MicrosoftTeams.schema.json"}}, more...)
	}
	// What 1.2 does not know of the fixture.
	to12 := older("1.2", edit{"/packageName", "com.contoso.workshop"}, edit{"/staticTabs", nil}, edit{"/configurableTabs", l{m{"configurationUrl": "https://app.workshop.example", "scopes": l{"team"}}}}, edit{"/composeExtensions", nil},
		edit{"/activities", nil}, edit{"/dashboardCards", nil}, edit{"/elementRelationshipSet", nil}, edit{"/graphConnector", nil}, edit{"/authorization", nil},
		edit{"/localizationInfo", nil}, edit{"/webApplicationInfo", nil}, edit{"/icons/color32x32", nil})
	tab := m{"entityId": "bays", "name": "Other", "contentUrl": "https://app.workshop.example", "scopes": l{"personal"}}
	element := "/elementRelationshipSet/oneWayDependencies/0"
	return []ruleCase{
		{rule: "NoCapability", on: "bot", bad: bare, also: []string{"LocalizationIndexOutOfRange", "UnreferencedFile"}, near: bare[:6]},
		{rule: "BotIdIsNotGuid", on: "bot", bad: []edit{{"/bots/0/botId", "x"}}, also: []string{"ElementRelationshipTarget"}, near: []edit{{"/bots/0/botId", guid}}, at: "/bots/0/botId"},
		{rule: "GroupChatForBotsLessThanV13", on: "bot", bad: append(to12, edit{"/bots/0/scopes/1", "groupchat"}), also: []string{"CommandListScope", "SchemaError_Enum", "UnreferencedFile"}, near: to12, at: "/bots/0/scopes"},
		{rule: "GroupChatForConfigurableTabsLessThanV13", on: "bot", bad: append(to12, edit{"/configurableTabs/0/scopes/0", "groupchat"}), also: []string{"SchemaError_Enum", "UnreferencedFile"}, near: to12},
		{rule: "CommandListScope", on: "bot", bad: []edit{{"/bots/0/scopes/1", "groupChat"}}, near: []edit{{"/bots/0/scopes/1", "groupChat"}, {"/bots/0/commandLists/1/scopes/0", "groupChat"}}, at: "/bots/0/commandLists/1/scopes"},
		{rule: "CommandListScope", on: "bot", bad: []edit{{"/bots/0/commandLists/1/scopes/0", "personal"}}, at: "/bots/0/commandLists/1/scopes"},
		{rule: "ReservedStaticTabNameShouldBeNull", on: "bot", bad: []edit{{"/staticTabs/1/name", "About"}}, near: []edit{{"/staticTabs/1/entityId", "facts"}, {"/staticTabs/1/name", "About"}}, at: "/staticTabs/1/name"},
		{rule: "StaticTabNameCouldNotBeEmpty", on: "bot", bad: []edit{{"/staticTabs/0/name", nil}}, near: []edit{{"/staticTabs/0/name", "x"}}, at: "/staticTabs/0/name"},
		{rule: "StaticTabEntityIdDuplicate", on: "bot", bad: []edit{{"/staticTabs/-", tab}}, at: "/staticTabs/2/entityId"},
		{rule: "UniqueActivityTypeInActivitiesValidation", on: "bot", bad: []edit{{"/activities/activityTypes/1/type", "ready"}}, near: []edit{{"/activities/activityTypes/1/type", "Ready"}}, at: "/activities/activityTypes/1/type"},
		{rule: "ReservedActivitiesValidation", on: "bot", bad: []edit{{"/activities/activityTypes/0/type", "systemDefault"}}, near: []edit{{"/activities/activityTypes/0/type", "default"}}},
		{rule: "DashboardCardEntityIdsAreNotUnique", on: "bot", bad: []edit{{"/dashboardCards/-", m{
			"id": "2d7c1a88-5b0f-4f7e-9c1c-40a7a0d5b3e9", "displayName": "x", "description": "y", "pickerGroupId": "0a8a4f9e-2a57-4f2f-8a33-9be1c60e2c11",
			"contentSource": m{"sourceType": "bot", "botConfiguration": m{"botId": guid}}, "defaultSize": "large",
		}}}, at: "/dashboardCards/1/id"},
		{rule: "DashboardCardBothIconNameAndUrlPresent", on: "bot", bad: []edit{{"/dashboardCards/0/icon/iconUrl", "https://app.workshop.example/i.png"}}, near: []edit{{"/dashboardCards/0/icon", m{"iconUrl": "https://app.workshop.example/i.png"}}}},
		{
			rule: "CustomEngineAgentBot", on: "bot", bad: []edit{{"/copilotAgents", m{"customEngineAgents": l{m{"type": "bot", "id": guid}}}}}, also: []string{"LocalizationAgentDefaultFile"},
			near: []edit{{"/copilotAgents", m{"customEngineAgents": l{m{"type": "bot", "id": "B51C09AA-4F1E-4A5C-9A39-0DE4B7F6C211"}}}}}, at: "/copilotAgents/customEngineAgents/0/id",
		},
		{rule: "ElementRelationshipTarget", on: "bot", bad: []edit{{element + "/element/id", "other"}}, near: []edit{{element + "/element/id", "search"}}, at: element + "/element/id"},
		{rule: "ElementRelationshipTarget", on: "bot", bad: []edit{{element + "/element/commandIds/0", "other"}}, at: element + "/element/commandIds/0"},
		{rule: "ElementRelationshipTarget", on: "bot", bad: []edit{{element + "/dependsOn/0/id", guid}}, at: element + "/dependsOn/0/id"},
		{rule: "ElementRelationshipTarget", on: "bot", bad: []edit{{"/elementRelationshipSet/mutualDependencies/0/1/id", "bays"}}, at: "/elementRelationshipSet/mutualDependencies/0/1/id"},
		{rule: "RscNeedsWebApplicationInfo", on: "bot", bad: []edit{{"/webApplicationInfo", nil}, {"/graphConnector", nil}}, near: []edit{{"/webApplicationInfo", nil}, {"/authorization/permissions/resourceSpecific/0", nil}}},
		{rule: "RscNeedsWebApplicationInfo", on: "bot", bad: []edit{{"/webApplicationInfo/resource", nil}}},
		{rule: "RscScopeSuffix", on: "bot", bad: []edit{{"/authorization/permissions/resourceSpecific/0/name", "ChannelMessage.Read.All"}}, near: []edit{{"/authorization/permissions/resourceSpecific/0/name", "Document.ReadWrite"}}, at: "/authorization/permissions/resourceSpecific/0/name"},
		{rule: "WebApplicationInfoResourceForm", on: "bot", bad: []edit{{"/webApplicationInfo/resource", "https://x"}}, near: []edit{{"/webApplicationInfo/resource", "api://app.workshop.example/botid-" + guid}}},
		{rule: "WebApplicationInfoResourceForm", on: "bot", bad: []edit{{"/webApplicationInfo/resource", "api:///7e0b3a55-1c62-4e86-bb0d-5a97f3c2d108"}}, near: []edit{{"/webApplicationInfo/resource", "api://x/BotId-" + guid}}},
		{rule: "WebApplicationInfoResourceForm", on: "bot", bad: []edit{{"/webApplicationInfo/resource", "api://7e0b3a55-1c62-4e86-bb0d-5a97f3c2d108"}}, near: []edit{{"/webApplicationInfo/resource", "api://botid-" + guid}}},
		{rule: "GraphConnectorNeedsAppId", on: "bot", bad: []edit{{"/webApplicationInfo", nil}, {"/authorization", nil}}, at: "/graphConnector"},
		{rule: "PackageNameIsDefinedAfterManifestVersion116", on: "bot", bad: older("1.16", edit{"/packageName", "com.contoso.workshop"}), also: []string{
			"LocalizationSchemaVersionIsNotTheSameAsTheManifestSchemaVersion", "SchemaError_AdditionalProperties",
		}},
	}
}

func extensionCases() []ruleCase {
	type m = map[string]any
	const x = "/composeExtensions/0"
	auth := x + "/authorization"
	entra := m{"supportsSingleSignOn": true}
	secret := m{"apiSecretRegistrationId": "r"}
	set := func(kind string, more m) []edit {
		value := m{"authType": kind}
		for k, v := range more {
			value[k] = v
		}
		return []edit{{auth, value}}
	}
	return []ruleCase{
		{rule: "BotBasedComposeExtensionBotIdNotGuid", on: "bot", bad: []edit{{x + "/botId", "x"}}, near: []edit{{x + "/botId", guid}}, at: x + "/botId"},
		{rule: "BotBasedComposeExtensionBotIdNotGuid", on: "bot", bad: []edit{{x + "/botId", nil}}, at: x + "/botId"},
		{rule: "BotBasedComposeExtensionApiSpecificationFileExists", on: "bot", bad: []edit{{x + "/apiSpecificationFile", "loc/fr.json"}}, at: x + "/apiSpecificationFile"},
		{rule: "BotBasedComposeExtensionApiResponseRenderingTemplateFileExists", on: "bot", bad: []edit{{x + "/commands/0/apiResponseRenderingTemplateFile", "loc/fr.json"}}},
		{rule: "ApiBasedComposeExtensionApiSpecificationFileNullOrEmpty", on: "api", bad: []edit{{x + "/apiSpecificationFile", nil}}},
		{rule: "ApiBasedComposeExtensionApiResponseRenderingTemplateFileNullOrEmpty", on: "api", bad: []edit{{x + "/commands/1/apiResponseRenderingTemplateFile", nil}}, at: x + "/commands/1/apiResponseRenderingTemplateFile"},
		{rule: "ApiBasedComposeExtensionWithBotId", on: "api", bad: []edit{{x + "/botId", guid}}},
		{rule: "ApiBasedComposeExtensionWithCanUpdateConfiguration", on: "api", bad: []edit{{x + "/canUpdateConfiguration", false}}},
		{rule: "ApiBasedComposeExtensionWithNoParameter", on: "api", bad: []edit{{x + "/commands/1/parameters", nil}}, also: []string{"ApiSpecificationFileRequiredParameterOrPropertyNotDefinedOnManifest"}},
		{rule: "NoAuthTypeComposeExtensionContainsAuthConfiguration", on: "api", bad: set("none", m{"microsoftEntraConfiguration": entra}), near: set("none", nil)},
		{rule: "ApiSecretServiceAuthTypeComposeExtensionContainsNoApiSecretServiceAuthConfiguration", on: "api", bad: set("apiSecretServiceAuth", nil), near: set("apiSecretServiceAuth", m{"apiSecretServiceAuthConfiguration": secret})},
		{rule: "ApiSecretServiceAuthTypeComposeExtensionContainsNoApiSecretRegistrationId", on: "api", bad: set("apiSecretServiceAuth", m{"apiSecretServiceAuthConfiguration": m{}}), near: set("apiSecretServiceAuth", m{"apiSecretServiceAuthConfiguration": secret})},
		{rule: "ApiSecretServiceAuthTypeComposeExtensionContainsMsftEntraConfiguration", on: "api", bad: set("apiSecretServiceAuth", m{"apiSecretServiceAuthConfiguration": secret, "microsoftEntraConfiguration": entra})},
		{rule: "MsftEntraAuthTypeComposeExtensionContainsNoMsftEntraConfiguration", on: "api", bad: set("microsoftEntra", nil)},
		{rule: "MsftEntraAuthTypeComposeExtensionContainsApiSecretServiceConfiguration", on: "api", bad: set("microsoftEntra", m{"apiSecretServiceAuthConfiguration": secret, "microsoftEntraConfiguration": entra})},
		{rule: "MsftEntraAuthTypeComposeExtensionSupportsSingleSignOnFalse", on: "api", bad: []edit{{auth + "/microsoftEntraConfiguration/supportsSingleSignOn", false}}},
		{rule: "MsftEntraAuthTypeComposeExtensionWebApplicationInfoOrResourceNotDefined", on: "api", bad: []edit{{"/webApplicationInfo", nil}}, at: auth + "/authType"},
		{rule: "MsftEntraAuthTypeComposeExtensionResourceURLNotMatchServerURLOnApiSpec", on: "api", bad: []edit{{"/webApplicationInfo/resource", "api://other.example/5d1c7b90-2f7e-4c55-9a0a-31ce8f64b20d"}}, near: set("none", nil)},
	}
}

func apiCases() []ruleCase {
	type m = map[string]any
	const (
		find  = "/paths/~1parts~1{site}/get"
		order = "/paths/~1orders/post"
		c0    = "/composeExtensions/0/commands/0"
	)
	return []ruleCase{
		{rule: "ApiBasedComposeExtensionManifestCommandIdsNotIncludedInOperationIdsOnApiSpecficationFile", on: "api", bad: []edit{{c0 + "/id", "findparts"}}, at: c0 + "/id"},
		{rule: "ParameterOnManifestNotDefinedOnApiSpecFile", on: "api", bad: []edit{{"/composeExtensions/0/commands/1/parameters/1/name", "amount"}}, near: []edit{{"/composeExtensions/0/commands/1/parameters/1", nil}}, at: "/composeExtensions/0/commands/1/parameters/1/name"},
		{rule: "ApiSpecificationFileRequiredParameterOrPropertyNotDefinedOnManifest", on: "api", bad: []edit{{c0 + "/parameters/0", nil}}, at: c0 + "/parameters"},
		{rule: "ApiSpecificationFileRequiredParameterOrPropertyNotDefinedOnManifest", on: "api", file: "api.json", bad: []edit{{find + "/parameters/1/schema/default", nil}}},
		{rule: "ServerUrlsMissingOnApiSpecificationFile", on: "api", file: "api.json", bad: []edit{{"/servers", nil}}, also: []string{"MsftEntraAuthTypeComposeExtensionResourceURLNotMatchServerURLOnApiSpec"}},
		{rule: "ApiSpecificationFileServerUrlsContainHttp", on: "api", file: "api.json", bad: []edit{{"/servers/0/url", "http://parts.contoso.example"}}, near: []edit{{"/servers/0/url", "https://parts.contoso.example"}}, at: "/servers/0/url"},
		{rule: "ApiSpecificationFileServerUrlsContainInvalidUrl", on: "api", file: "api.json", bad: []edit{{"/servers/-", m{"url": "/v1"}}}, near: []edit{{"/servers/-", m{"url": "https://b.example/v1"}}}},
		{rule: "ApiSpecificationFileContainUnsupportedHttpMethod", on: "api", file: "api.json", bad: []edit{{"/paths/~1orders/put", m{"operationId": "orderPart", "requestBody": m{"content": m{"application/json": m{"schema": m{"$ref": "#/components/schemas/order"}}}}}}, {order, nil}}, at: "/paths/~1orders/put"},
		{rule: "ApiSpecificationFileRequiredParameterContainUnsupportedLocation", on: "api", file: "api.json", bad: []edit{{find + "/parameters/2/required", true}}, near: []edit{{find + "/parameters/2/required", false}}, at: find + "/parameters/2"},
		{rule: "ApiSpecificationFileParameterContainUnsupportedSchemaType", on: "api", file: "api.json", bad: []edit{{"/components/parameters/text/schema/type", "array"}}, at: find + "/parameters/0"},
		{rule: "ApiSpecificationFileRequestBodyContainUnsupportedMediaType", on: "api", file: "api.json", bad: []edit{{order + "/requestBody/content", m{"text/plain": m{}}}}, also: []string{"ParameterOnManifestNotDefinedOnApiSpecFile"}},
		{rule: "ApiSpecificationFileRequestBodyContainUnsupportedSchemaType", on: "api", file: "api.json", bad: []edit{{"/components/schemas/order/type", "array"}}},
		{rule: "ApiSpecificationFileRequestBodySchemaContainKeywords", on: "api", file: "api.json", bad: []edit{{"/components/schemas/order/anyOf", []any{}}}},
		{rule: "ApiSpecificationFileResponseContainUnsupportedMediaType", on: "api", file: "api.json", bad: []edit{{find + "/responses/200/content", m{"text/html": m{}}}}, near: []edit{{find + "/responses/200/content", m{"text/html": m{}, "application/json": m{}}}}},
	}
}
