package apppackage

import "strings"

// RuleInfo describes a rule that findings name.
type RuleInfo struct {
	ID       string
	Layer    Layer
	Severity Severity // unless a finding or the options say otherwise
	Summary  string   // what the rule wants
}

// Rules returns every rule that is not one of the JSON schemas' (those have ids
// that begin with SchemaError_ and are all errors), by theme. Sources: the error
// codes of the Graph call that publishes an app, the manifest reference, the
// store's validation guidelines, and for LayerPackaging our own judgement.
func Rules() []RuleInfo {
	var out []RuleInfo
	for _, group := range [][]RuleInfo{identityRules(), domainRules(), capabilityRules(), extensionRules(), apiRules(), localizationRules(), fileRules(), updateRules()} {
		out = append(out, group...)
	}
	return out
}

// KnownRule reports whether findings can have that rule id.
func KnownRule(id string) bool {
	if rest, ok := strings.CutPrefix(id, schemaRulePrefix); ok {
		for _, name := range schemaRuleNames() {
			if name == rest {
				return true
			}
		}
		return false
	}
	for _, r := range Rules() {
		if r.ID == id {
			return true
		}
	}
	return false
}

func identityRules() []RuleInfo {
	return []RuleInfo{
		{"ManifestVersionUnknown", LayerSchema, SeverityError, "manifestVersion is a published version"},
		{"Serialization_ManifestVersionPropertyMissing", LayerService, SeverityError, "manifestVersion is present"},
		{"CommonManifestVersionIsRequiredField", LayerService, SeverityError, "manifestVersion is not empty"},
		{"ManifestVersionPreview", LayerGuideline, SeverityWarning, "devPreview is for development only"},
		{"CommonSchemaUrlIsRequiredField", LayerService, SeverityError, "$schema is present"},
		{"SchemaVersionMismatch", LayerGuideline, SeverityWarning, "$schema and manifestVersion name the same version"},
		{"SchemaNotLocalization", LayerGuideline, SeverityError, "$schema of the manifest is not that of language files"},
		{"CommonAppIdIsRequiredField", LayerService, SeverityError, "id is present"},
		{"CommonAppIdIsNotGuid", LayerService, SeverityError, "id is a GUID"},
		{"VersionCannotBeEmpty", LayerService, SeverityError, "version is present"},
		{"VersionContainsOnlyNumbersDotSeparated", LayerService, SeverityError, "version is three numbers with dots; other counts of numbers are a warning"},
		{"VersionHasMajorLessThan1", LayerService, SeverityWarning, "the first number of version is at least 1"},
		{"ShortNameIsRequiredField", LayerService, SeverityError, "name.short is present"},
		{"ShortNameLengthCheck", LayerService, SeverityError, "name.short has at most 30 characters"},
		{"ShortNameEqualsReservedName", LayerService, SeverityError, "name.short is not the name of a part of Teams"},
		{"ShortNameMicrosoft", LayerGuideline, SeverityWarning, "name.short names neither Microsoft nor Teams"},
		{"FullNameMicrosoft", LayerGuideline, SeverityWarning, "name.full names neither Microsoft nor Teams"},
		{"ShortNameContainsPreprodWording", LayerGuideline, SeverityWarning, "name.short does not look like that of a test version"},
		{"FullNameContainsPreprodWording", LayerGuideline, SeverityWarning, "name.full does not look like that of a test version"},
		{"NameFullEqualsShort", LayerGuideline, SeverityWarning, "name.short and name.full differ"},
		{"ShortDescriptionCannotBeEmpty", LayerService, SeverityError, "description.short is present"},
		{"ShortDescriptionLengthCheck", LayerService, SeverityError, "description.short has at most 80 characters"},
		{"FullDescriptionCannotBeEmpty", LayerService, SeverityError, "description.full is present"},
		{"FullDescriptionLengthCheck", LayerService, SeverityError, "description.full has at most 4000 characters"},
		{"DescriptionFullEqualsShort", LayerGuideline, SeverityWarning, "description.short and description.full differ"},
		{"FullDescriptionContainsShortDescription", LayerGuideline, SeverityWarning, "description.full does not repeat description.short"},
		{"DescriptionCompetitor", LayerGuideline, SeverityOff, "descriptions name no competing product"},
		{"DeveloperNameIsRequiredField", LayerService, SeverityError, "developer.name is present"},
		{"DeveloperNameLengthCheck", LayerService, SeverityError, "developer.name has at most 32 characters"},
		{"DeveloperWebsiteUrlIsRequiredField", LayerService, SeverityError, "developer.websiteUrl is present"},
		{"DeveloperWebsiteUrlMustBeHttps", LayerService, SeverityError, "developer.websiteUrl is https"},
		{"DeveloperPrivacyUrlIsRequiredField", LayerService, SeverityError, "developer.privacyUrl is present"},
		{"DeveloperPrivacyUrlMustBeHttps", LayerService, SeverityError, "developer.privacyUrl is https"},
		{"DeveloperTermsOfUseUrlIsRequiredField", LayerService, SeverityError, "developer.termsOfUseUrl is present"},
		{"DeveloperTermsOfUseUrlMustBeHttps", LayerService, SeverityError, "developer.termsOfUseUrl is https"},
		{"PackageNameIsDefinedAfterManifestVersion116", LayerGuideline, SeverityWarning, "packageName is gone from version 1.16 on"},
	}
}

func domainRules() []RuleInfo {
	return []RuleInfo{
		{"ValidDomainsContainsUrl", LayerService, SeverityError, "validDomains holds hosts without scheme and path"},
		{"ValidDomainsWildcardPosition", LayerGuideline, SeverityError, "a * in validDomains is a whole label with none but * before it"},
		{"ValidDomainsTopLevel", LayerGuideline, SeverityError, "validDomains holds no whole top-level domain"},
		{"ValidDomainsHostingWildcard", LayerGuideline, SeverityWarning, "validDomains holds no wildcard over hosts of other owners"},
		{"ValidDomainsTunnel", LayerGuideline, SeverityWarning, "validDomains holds no tunnel to a developer's machine"},
		{"ValidDomainsMissingHost", LayerGuideline, SeverityWarning, "validDomains covers the hosts of tabs and dialogs"},
		{"ValidDomainsDuplicate", LayerPackaging, SeverityWarning, "validDomains names a host once"},
		{"OAuthCardDomain", LayerGuideline, SeverityInfo, "a bot that signs users in has token.botframework.com in validDomains"},
	}
}

func capabilityRules() []RuleInfo {
	return []RuleInfo{
		{"NoCapability", LayerGuideline, SeverityWarning, "the app has a tab, a bot or another capability"},
		{"BotIdIsNotGuid", LayerService, SeverityError, "bots[].botId is a GUID"},
		{"GroupChatForBotsLessThanV13", LayerService, SeverityError, "group chat for bots needs manifest version 1.3"},
		{"GroupChatForConfigurableTabsLessThanV13", LayerService, SeverityError, "group chat for tabs needs manifest version 1.3"},
		{"CommandListScope", LayerGuideline, SeverityWarning, "a command list is for scopes that the bot has, one list per scope"},
		{"ReservedStaticTabNameShouldBeNull", LayerService, SeverityError, "the tabs conversations and about carry no name"},
		{"StaticTabNameCouldNotBeEmpty", LayerService, SeverityError, "other static tabs carry a name"},
		{"StaticTabEntityIdDuplicate", LayerGuideline, SeverityError, "static tabs have different entity ids"},
		{"UniqueActivityTypeInActivitiesValidation", LayerService, SeverityError, "activity types are unique"},
		{"ReservedActivitiesValidation", LayerService, SeverityError, "the activity type systemDefault is not declared"},
		{"DashboardCardEntityIdsAreNotUnique", LayerService, SeverityError, "dashboard cards have different ids"},
		{"DashboardCardBothIconNameAndUrlPresent", LayerService, SeverityError, "a dashboard card's icon has a name or a URL"},
		{"CustomEngineAgentBot", LayerGuideline, SeverityError, "a custom engine agent is a bot of the app with personal scope"},
		{"ElementRelationshipTarget", LayerGuideline, SeverityError, "related elements exist"},
		{"RscNeedsWebApplicationInfo", LayerGuideline, SeverityError, "permissions on teams, chats and users need webApplicationInfo with id and resource"},
		{"RscScopeSuffix", LayerGuideline, SeverityWarning, "resource-specific permissions end in .Group, .Chat or .User"},
		{"WebApplicationInfoResourceForm", LayerGuideline, SeverityInfo, "webApplicationInfo.resource has the form that single sign-on needs"},
		{"GraphConnectorNeedsAppId", LayerGuideline, SeverityError, "graphConnector needs webApplicationInfo.id"},
	}
}

func extensionRules() []RuleInfo {
	return []RuleInfo{
		{"BotBasedComposeExtensionBotIdNotGuid", LayerService, SeverityError, "a bot-based message extension has a GUID as botId"},
		{"BotBasedComposeExtensionApiSpecificationFileExists", LayerService, SeverityError, "a bot-based message extension has no apiSpecificationFile"},
		{"BotBasedComposeExtensionApiResponseRenderingTemplateFileExists", LayerService, SeverityError, "a bot-based command has no apiResponseRenderingTemplateFile"},
		{"ApiBasedComposeExtensionApiSpecificationFileNullOrEmpty", LayerService, SeverityError, "an API-based message extension has an apiSpecificationFile"},
		{"ApiBasedComposeExtensionApiResponseRenderingTemplateFileNullOrEmpty", LayerService, SeverityError, "an API-based command has an apiResponseRenderingTemplateFile"},
		{"ApiBasedComposeExtensionWithBotId", LayerService, SeverityError, "an API-based message extension has no botId"},
		{"ApiBasedComposeExtensionWithCanUpdateConfiguration", LayerService, SeverityError, "an API-based message extension has no canUpdateConfiguration"},
		{"ApiBasedComposeExtensionWithNoParameter", LayerService, SeverityError, "an API-based command has parameters"},
		{"NoAuthTypeComposeExtensionContainsAuthConfiguration", LayerService, SeverityError, "authType none goes without configuration"},
		{"ApiSecretServiceAuthTypeComposeExtensionContainsNoApiSecretServiceAuthConfiguration", LayerService, SeverityError, "authType apiSecretServiceAuth has its configuration"},
		{"ApiSecretServiceAuthTypeComposeExtensionContainsNoApiSecretRegistrationId", LayerService, SeverityError, "authType apiSecretServiceAuth has a registration id"},
		{"ApiSecretServiceAuthTypeComposeExtensionContainsMsftEntraConfiguration", LayerService, SeverityError, "authType apiSecretServiceAuth has no Entra configuration"},
		{"MsftEntraAuthTypeComposeExtensionContainsNoMsftEntraConfiguration", LayerService, SeverityError, "authType microsoftEntra has its configuration"},
		{"MsftEntraAuthTypeComposeExtensionContainsApiSecretServiceConfiguration", LayerService, SeverityError, "authType microsoftEntra has no API secret configuration"},
		{"MsftEntraAuthTypeComposeExtensionSupportsSingleSignOnFalse", LayerService, SeverityError, "authType microsoftEntra supports single sign-on"},
		{"MsftEntraAuthTypeComposeExtensionWebApplicationInfoOrResourceNotDefined", LayerService, SeverityError, "authType microsoftEntra needs webApplicationInfo with id and resource"},
		{"MsftEntraAuthTypeComposeExtensionResourceURLNotMatchServerURLOnApiSpec", LayerService, SeverityError, "webApplicationInfo.resource names the host of the API"},
	}
}

func apiRules() []RuleInfo {
	return []RuleInfo{
		{"ApiBasedComposeExtensionManifestCommandIdsNotIncludedInOperationIdsOnApiSpecficationFile", LayerService, SeverityError, "the command's id is an operationId of the API description"},
		{"ParameterOnManifestNotDefinedOnApiSpecFile", LayerService, SeverityError, "the command's parameters are in the API description"},
		{"ApiSpecificationFileRequiredParameterOrPropertyNotDefinedOnManifest", LayerService, SeverityError, "what the API requires is a parameter of the command"},
		{"ServerUrlsMissingOnApiSpecificationFile", LayerService, SeverityError, "the API description names a server"},
		{"ApiSpecificationFileServerUrlsContainHttp", LayerService, SeverityError, "servers of the API are https"},
		{"ApiSpecificationFileServerUrlsContainInvalidUrl", LayerService, SeverityError, "servers of the API are URLs"},
		{"ApiSpecificationFileContainUnsupportedHttpMethod", LayerService, SeverityError, "operations that commands use are GET or POST"},
		{"ApiSpecificationFileRequiredParameterContainUnsupportedLocation", LayerService, SeverityError, "required parameters are in path or query"},
		{"ApiSpecificationFileParameterContainUnsupportedSchemaType", LayerService, SeverityError, "parameters are no arrays"},
		{"ApiSpecificationFileRequestBodyContainUnsupportedMediaType", LayerService, SeverityError, "request bodies are application/json"},
		{"ApiSpecificationFileRequestBodyContainUnsupportedSchemaType", LayerService, SeverityError, "request bodies are no arrays"},
		{"ApiSpecificationFileRequestBodySchemaContainKeywords", LayerService, SeverityError, "request bodies combine no schemas"},
		{"ApiSpecificationFileResponseContainUnsupportedMediaType", LayerService, SeverityError, "responses are application/json"},
		{"ApiSpecificationFileNotChecked", LayerPackaging, SeverityInfo, "API descriptions in YAML are not looked into"},
	}
}

func localizationRules() []RuleInfo {
	return []RuleInfo{
		{"LocalizationNeeds15", LayerGuideline, SeverityError, "localizationInfo needs manifest version 1.5"},
		{"LocalizationSchemaIsMissing", LayerService, SeverityError, "a language file has $schema"},
		{"LocalizationSchemaDoesNotFollowConventionalSchemaRegex", LayerService, SeverityError, "$schema of a language file is of the published form"},
		{"LocalizationSchemaVersionIsNotTheSameAsTheManifestSchemaVersion", LayerService, SeverityError, "$schema of a language file has the manifest's version"},
		{"LocalizationDuplicateTag", LayerPackaging, SeverityWarning, "a language is named once"},
		{"LocalizationAgentDefaultFile", LayerGuideline, SeverityError, "an agent in several languages has a defaultLanguageFile"},
		{"LocalizationKeyMissing", LayerGuideline, SeverityError, "each [[token]] of an agent is in every language file"},
		{"LocalizationIndexOutOfRange", LayerPackaging, SeverityWarning, "a language file translates what the manifest has"},
	}
}

func fileRules() []RuleInfo {
	return []RuleInfo{
		{"InvalidColorIconHeightAndWidth", LayerService, SeverityError, "the color icon is a PNG of 192x192 pixels"},
		{"InvalidOutlineIconHeightAndWidth", LayerService, SeverityError, "the outline icon is a PNG of 32x32 pixels"},
		{"InvalidOutlineIconTransparency", LayerService, SeverityError, "the outline icon is white on transparent ground"},
		{"InvalidColor32x32IconHeightAndWidth", LayerService, SeverityError, "the small color icon is a PNG of 32x32 pixels"},
		{"ActivityIconHeightAndWidth", LayerGuideline, SeverityWarning, "activity icons are PNGs of 32x32 pixels"},
		{"SharePointPreviewHeightAndWidth", LayerGuideline, SeverityWarning, "the SharePoint preview is a picture of 1024x768 pixels"},
		{"Serialization_FileMissing", LayerService, SeverityError, "every file that is named is in the package"},
		{"Serialization_FileNotValidJson", LayerService, SeverityError, "every JSON file that is named parses as an object"},
		{"Serialization_TrailingCommaInManifestJsonFile", LayerService, SeverityError, "no comma stands before a closing bracket"},
		{"DuplicateKey", LayerPackaging, SeverityError, "no key occurs twice in a JSON object"},
		{"NotUtf8", LayerPackaging, SeverityError, "text files are UTF-8"},
		{"JsonTooLarge", LayerPackaging, SeverityWarning, "JSON files have at most 4 MiB"},
		{"PathOutsidePackage", LayerPackaging, SeverityError, "named files are inside the package"},
		{"PathSeparator", LayerPackaging, SeverityWarning, "folders in named paths are separated by /"},
		{"UnreferencedFile", LayerGuideline, SeverityWarning, "the package holds only files that are named"},
		{"PackageTooLarge", LayerPackaging, SeverityError, "the zip has at most 10 MiB"},
		{"PlaceholderUnfilled", LayerPackaging, SeverityError, "every placeholder has a value"},
	}
}

func updateRules() []RuleInfo {
	return []RuleInfo{
		{"ManifestIdChanged", LayerPackaging, SeverityError, "an update keeps the id"},
		{"VersionNotRaised", LayerPackaging, SeverityError, "an update with other content has a higher version"},
		{"VersionLowered", LayerPackaging, SeverityError, "an update does not lower the version"},
	}
}
