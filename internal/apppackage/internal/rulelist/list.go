package rulelist

func identityRules() []Rule {
	return []Rule{
		{"ManifestVersionUnknown", Schema, Error, "manifestVersion is a published version"},
		{"Serialization_ManifestVersionPropertyMissing", Service, Error, "manifestVersion is present"},
		{"CommonManifestVersionIsRequiredField", Service, Error, "manifestVersion is not empty"},
		{"ManifestVersionPreview", Guideline, Warning, "devPreview is for development only"},
		{"CommonSchemaUrlIsRequiredField", Service, Error, "$schema is present"},
		{"SchemaVersionMismatch", Guideline, Warning, "$schema and manifestVersion name the same version"},
		{"SchemaNotLocalization", Guideline, Error, "$schema of the manifest is not that of language files"},
		{"CommonAppIdIsRequiredField", Service, Error, "id is present"},
		{"CommonAppIdIsNotGuid", Service, Error, "id is a GUID"},
		{"VersionCannotBeEmpty", Service, Error, "version is present"},
		{"VersionContainsOnlyNumbersDotSeparated", Service, Error, "version is three numbers with dots; other counts of numbers are a warning"},
		{"VersionHasMajorLessThan1", Service, Warning, "the first number of version is at least 1"},
		{"ShortNameIsRequiredField", Service, Error, "name.short is present"},
		{"ShortNameLengthCheck", Service, Error, "name.short has at most 30 characters"},
		{"ShortNameEqualsReservedName", Service, Error, "name.short is not the name of a part of Teams"},
		{"ShortNameMicrosoft", Guideline, Warning, "name.short names neither Microsoft nor Teams"},
		{"FullNameMicrosoft", Guideline, Warning, "name.full names neither Microsoft nor Teams"},
		{"ShortNameContainsPreprodWording", Guideline, Warning, "name.short does not look like that of a test version"},
		{"FullNameContainsPreprodWording", Guideline, Warning, "name.full does not look like that of a test version"},
		{"NameFullEqualsShort", Guideline, Warning, "name.short and name.full differ"},
		{"ShortDescriptionCannotBeEmpty", Service, Error, "description.short is present"},
		{"ShortDescriptionLengthCheck", Service, Error, "description.short has at most 80 characters"},
		{"FullDescriptionCannotBeEmpty", Service, Error, "description.full is present"},
		{"FullDescriptionLengthCheck", Service, Error, "description.full has at most 4000 characters"},
		{"DescriptionFullEqualsShort", Guideline, Warning, "description.short and description.full differ"},
		{"FullDescriptionContainsShortDescription", Guideline, Warning, "description.full does not repeat description.short"},
		{"DescriptionCompetitor", Guideline, Off, "descriptions name no competing product"},
		{"DeveloperNameIsRequiredField", Service, Error, "developer.name is present"},
		{"DeveloperNameLengthCheck", Service, Error, "developer.name has at most 32 characters"},
		{"DeveloperWebsiteUrlIsRequiredField", Service, Error, "developer.websiteUrl is present"},
		{"DeveloperWebsiteUrlMustBeHttps", Service, Error, "developer.websiteUrl is https"},
		{"DeveloperPrivacyUrlIsRequiredField", Service, Error, "developer.privacyUrl is present"},
		{"DeveloperPrivacyUrlMustBeHttps", Service, Error, "developer.privacyUrl is https"},
		{"DeveloperTermsOfUseUrlIsRequiredField", Service, Error, "developer.termsOfUseUrl is present"},
		{"DeveloperTermsOfUseUrlMustBeHttps", Service, Error, "developer.termsOfUseUrl is https"},
		{"PackageNameIsDefinedAfterManifestVersion116", Guideline, Warning, "packageName is gone from version 1.16 on"},
	}
}

func domainRules() []Rule {
	return []Rule{
		{"ValidDomainsContainsUrl", Service, Error, "validDomains holds hosts without scheme and path"},
		{"ValidDomainsWildcardPosition", Guideline, Error, "a * in validDomains is a whole label with none but * before it"},
		{"ValidDomainsTopLevel", Guideline, Error, "validDomains holds no whole top-level domain"},
		{"ValidDomainsHostingWildcard", Guideline, Warning, "validDomains holds no wildcard over hosts of other owners"},
		{"ValidDomainsTunnel", Guideline, Warning, "validDomains holds no tunnel to a developer's machine"},
		{"ValidDomainsMissingHost", Guideline, Warning, "validDomains covers the hosts of tabs and dialogs"},
		{"ValidDomainsDuplicate", Packaging, Warning, "validDomains names a host once"},
		{"OAuthCardDomain", Guideline, Info, "a bot that signs users in has token.botframework.com in validDomains"},
	}
}

func capabilityRules() []Rule {
	return []Rule{
		{"NoCapability", Guideline, Warning, "the app has a tab, a bot or another capability"},
		{"BotIdIsNotGuid", Service, Error, "bots[].botId is a GUID"},
		{"GroupChatForBotsLessThanV13", Service, Error, "group chat for bots needs manifest version 1.3"},
		{"GroupChatForConfigurableTabsLessThanV13", Service, Error, "group chat for tabs needs manifest version 1.3"},
		{"CommandListScope", Guideline, Warning, "a command list is for scopes that the bot has, one list per scope"},
		{"ReservedStaticTabNameShouldBeNull", Service, Error, "the tabs conversations and about carry no name"},
		{"StaticTabNameCouldNotBeEmpty", Service, Error, "other static tabs carry a name"},
		{"StaticTabEntityIdDuplicate", Guideline, Error, "static tabs have different entity ids"},
		{"UniqueActivityTypeInActivitiesValidation", Service, Error, "activity types are unique"},
		{"ReservedActivitiesValidation", Service, Error, "the activity type systemDefault is not declared"},
		{"DashboardCardEntityIdsAreNotUnique", Service, Error, "dashboard cards have different ids"},
		{"DashboardCardBothIconNameAndUrlPresent", Service, Error, "a dashboard card's icon has a name or a URL"},
		{"CustomEngineAgentBot", Guideline, Error, "a custom engine agent is a bot of the app with personal scope"},
		{"ElementRelationshipTarget", Guideline, Error, "related elements exist"},
		{"RscNeedsWebApplicationInfo", Guideline, Error, "permissions on teams, chats and users need webApplicationInfo with id and resource"},
		{"RscScopeSuffix", Guideline, Warning, "resource-specific permissions end in .Group, .Chat or .User"},
		{"WebApplicationInfoResourceForm", Guideline, Info, "webApplicationInfo.resource has the form that single sign-on needs"},
		{"GraphConnectorNeedsAppId", Guideline, Error, "graphConnector needs webApplicationInfo.id"},
	}
}

func extensionRules() []Rule {
	return []Rule{
		{"BotBasedComposeExtensionBotIdNotGuid", Service, Error, "a bot-based message extension has a GUID as botId"},
		{"BotBasedComposeExtensionApiSpecificationFileExists", Service, Error, "a bot-based message extension has no apiSpecificationFile"},
		{"BotBasedComposeExtensionApiResponseRenderingTemplateFileExists", Service, Error, "a bot-based command has no apiResponseRenderingTemplateFile"},
		{"ApiBasedComposeExtensionApiSpecificationFileNullOrEmpty", Service, Error, "an API-based message extension has an apiSpecificationFile"},
		{"ApiBasedComposeExtensionApiResponseRenderingTemplateFileNullOrEmpty", Service, Error, "an API-based command has an apiResponseRenderingTemplateFile"},
		{"ApiBasedComposeExtensionWithBotId", Service, Error, "an API-based message extension has no botId"},
		{"ApiBasedComposeExtensionWithCanUpdateConfiguration", Service, Error, "an API-based message extension has no canUpdateConfiguration"},
		{"ApiBasedComposeExtensionWithNoParameter", Service, Error, "an API-based command has parameters"},
		{"NoAuthTypeComposeExtensionContainsAuthConfiguration", Service, Error, "authType none goes without configuration"},
		{"ApiSecretServiceAuthTypeComposeExtensionContainsNoApiSecretServiceAuthConfiguration", Service, Error, "authType apiSecretServiceAuth has its configuration"},
		{"ApiSecretServiceAuthTypeComposeExtensionContainsNoApiSecretRegistrationId", Service, Error, "authType apiSecretServiceAuth has a registration id"},
		{"ApiSecretServiceAuthTypeComposeExtensionContainsMsftEntraConfiguration", Service, Error, "authType apiSecretServiceAuth has no Entra configuration"},
		{"MsftEntraAuthTypeComposeExtensionContainsNoMsftEntraConfiguration", Service, Error, "authType microsoftEntra has its configuration"},
		{"MsftEntraAuthTypeComposeExtensionContainsApiSecretServiceConfiguration", Service, Error, "authType microsoftEntra has no API secret configuration"},
		{"MsftEntraAuthTypeComposeExtensionSupportsSingleSignOnFalse", Service, Error, "authType microsoftEntra supports single sign-on"},
		{"MsftEntraAuthTypeComposeExtensionWebApplicationInfoOrResourceNotDefined", Service, Error, "authType microsoftEntra needs webApplicationInfo with id and resource"},
		{"MsftEntraAuthTypeComposeExtensionResourceURLNotMatchServerURLOnApiSpec", Service, Error, "webApplicationInfo.resource names the host of the API"},
	}
}

func apiRules() []Rule {
	return []Rule{
		{"ApiBasedComposeExtensionManifestCommandIdsNotIncludedInOperationIdsOnApiSpecficationFile", Service, Error, "the command's id is an operationId of the API description"},
		{"ParameterOnManifestNotDefinedOnApiSpecFile", Service, Error, "the command's parameters are in the API description"},
		{"ApiSpecificationFileRequiredParameterOrPropertyNotDefinedOnManifest", Service, Error, "what the API requires is a parameter of the command"},
		{"ServerUrlsMissingOnApiSpecificationFile", Service, Error, "the API description names a server"},
		{"ApiSpecificationFileServerUrlsContainHttp", Service, Error, "servers of the API are https"},
		{"ApiSpecificationFileServerUrlsContainInvalidUrl", Service, Error, "servers of the API are URLs"},
		{"ApiSpecificationFileContainUnsupportedHttpMethod", Service, Error, "operations that commands use are GET or POST"},
		{"ApiSpecificationFileRequiredParameterContainUnsupportedLocation", Service, Error, "required parameters are in path or query"},
		{"ApiSpecificationFileParameterContainUnsupportedSchemaType", Service, Error, "parameters are no arrays"},
		{"ApiSpecificationFileRequestBodyContainUnsupportedMediaType", Service, Error, "request bodies are application/json"},
		{"ApiSpecificationFileRequestBodyContainUnsupportedSchemaType", Service, Error, "request bodies are no arrays"},
		{"ApiSpecificationFileRequestBodySchemaContainKeywords", Service, Error, "request bodies combine no schemas"},
		{"ApiSpecificationFileResponseContainUnsupportedMediaType", Service, Error, "responses are application/json"},
		{"ApiSpecificationFileNotChecked", Packaging, Info, "API descriptions in YAML are not looked into"},
	}
}

func localizationRules() []Rule {
	return []Rule{
		{"LocalizationNeeds15", Guideline, Error, "localizationInfo needs manifest version 1.5"},
		{"LocalizationSchemaIsMissing", Service, Error, "a language file has $schema"},
		{"LocalizationSchemaDoesNotFollowConventionalSchemaRegex", Service, Error, "$schema of a language file is of the published form"},
		{"LocalizationSchemaVersionIsNotTheSameAsTheManifestSchemaVersion", Service, Error, "$schema of a language file has the manifest's version"},
		{"LocalizationDuplicateTag", Packaging, Warning, "a language is named once"},
		{"LocalizationAgentDefaultFile", Guideline, Error, "an agent in several languages has a defaultLanguageFile"},
		{"LocalizationKeyMissing", Guideline, Error, "each [[token]] of an agent is in every language file"},
		{"LocalizationIndexOutOfRange", Packaging, Warning, "a language file translates what the manifest has"},
	}
}

func fileRules() []Rule {
	return []Rule{
		{"InvalidColorIconHeightAndWidth", Service, Error, "the color icon is a PNG of 192x192 pixels"},
		{"InvalidOutlineIconHeightAndWidth", Service, Error, "the outline icon is a PNG of 32x32 pixels"},
		{"InvalidOutlineIconTransparency", Service, Error, "the outline icon is white on transparent ground"},
		{"InvalidColor32x32IconHeightAndWidth", Service, Error, "the small color icon is a PNG of 32x32 pixels"},
		{"ActivityIconHeightAndWidth", Guideline, Warning, "activity icons are PNGs of 32x32 pixels"},
		{"SharePointPreviewHeightAndWidth", Guideline, Warning, "the SharePoint preview is a picture of 1024x768 pixels"},
		{"Serialization_FileMissing", Service, Error, "every file that is named is in the package"},
		{"Serialization_FileNotValidJson", Schema, Error, "every JSON file that is named parses as an object"},
		{"Serialization_TrailingCommaInManifestJsonFile", Schema, Error, "no comma stands before a closing bracket"},
		{"DuplicateKey", Packaging, Error, "no key occurs twice in a JSON object"},
		{"NotUtf8", Packaging, Error, "text files are UTF-8"},
		{"JsonTooLarge", Packaging, Warning, "JSON files have at most 4 MiB"},
		{"PathOutsidePackage", Packaging, Error, "named files are inside the package"},
		{"PathSeparator", Packaging, Warning, "folders in named paths are separated by /"},
		{"UnreferencedFile", Guideline, Warning, "the package holds only files that are named"},
		{"PackageTooLarge", Packaging, Error, "the zip has at most 10 MiB"},
		{"PlaceholderUnfilled", Packaging, Error, "every placeholder has a value"},
	}
}

func updateRules() []Rule {
	return []Rule{
		{"ManifestIdChanged", Packaging, Error, "an update keeps the id"},
		{"VersionNotRaised", Packaging, Error, "an update with other content has a higher version"},
		{"VersionLowered", Packaging, Error, "an update does not lower the version"},
	}
}
