package apppackage

import (
	"fmt"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// composeExtensions checks message extensions: one made of a bot has a botId,
// one made of an API has files that describe it, and neither has the other's.
func (in *inspection) composeExtensions() {
	for i, extension := range few(in.root.Get("composeExtensions")) {
		path := jsondoc.Item("/composeExtensions", i)
		if isAPIBased(extension) {
			in.apiBased(path, extension)
		} else {
			in.botBased(path, extension)
		}
		in.extensionAuthorization(path, extension.Get("authorization"))
	}
}

func isAPIBased(extension *jsondoc.Node) bool {
	return extension.Get("composeExtensionType").Str() == "apiBased"
}

// present takes null for absent.
func present(n *jsondoc.Node) bool { return n != nil && n.Kind != jsondoc.Null }

func (in *inspection) botBased(path string, extension *jsondoc.Node) {
	// Before 1.17 the schema asks for the botId itself.
	if id := extension.Get("botId"); !guidForm.MatchString(id.Str()) && (id != nil || !in.before("1.17")) {
		in.report("BotBasedComposeExtensionBotIdNotGuid", path+"/botId", fmt.Sprintf("%s is %s", dotted(path+"/botId"), shown(id)), "write the bot's application id, a GUID")
	}
	if present(extension.Get("apiSpecificationFile")) {
		in.report("BotBasedComposeExtensionApiSpecificationFileExists", path+"/apiSpecificationFile", "a bot-based message extension has no API description", `take it out, or set composeExtensionType to "apiBased"`)
	}
	for j, command := range few(extension.Get("commands")) {
		if present(command.Get("apiResponseRenderingTemplateFile")) {
			in.report("BotBasedComposeExtensionApiResponseRenderingTemplateFileExists", jsondoc.Item(path+"/commands", j)+"/apiResponseRenderingTemplateFile",
				"a command of a bot-based message extension has no rendering template", `take it out, or set composeExtensionType to "apiBased"`)
		}
	}
}

func (in *inspection) apiBased(path string, extension *jsondoc.Node) {
	if extension.Get("apiSpecificationFile").Str() == "" {
		in.report("ApiBasedComposeExtensionApiSpecificationFileNullOrEmpty", path+"/apiSpecificationFile", "an API-based message extension needs apiSpecificationFile", "name the OpenAPI description in the package")
	}
	if present(extension.Get("botId")) {
		in.report("ApiBasedComposeExtensionWithBotId", path+"/botId", "an API-based message extension has no botId", "take it out")
	}
	if present(extension.Get("canUpdateConfiguration")) {
		in.report("ApiBasedComposeExtensionWithCanUpdateConfiguration", path+"/canUpdateConfiguration", "an API-based message extension has no canUpdateConfiguration", "take it out")
	}
	for j, command := range few(extension.Get("commands")) {
		at := jsondoc.Item(path+"/commands", j)
		if command.Get("apiResponseRenderingTemplateFile").Str() == "" {
			in.report("ApiBasedComposeExtensionApiResponseRenderingTemplateFileNullOrEmpty", at+"/apiResponseRenderingTemplateFile",
				fmt.Sprintf("the command %q has no rendering template", command.Get("id").Str()), "add apiResponseRenderingTemplateFile")
		}
		if len(few(command.Get("parameters"))) == 0 {
			in.report("ApiBasedComposeExtensionWithNoParameter", at+"/parameters", fmt.Sprintf("the command %q has no parameters", command.Get("id").Str()), "add at least one")
		}
	}
}

func (in *inspection) extensionAuthorization(path string, auth *jsondoc.Node) {
	if auth == nil {
		return
	}
	path += "/authorization"
	secret, entra := auth.Get("apiSecretServiceAuthConfiguration"), auth.Get("microsoftEntraConfiguration")
	switch auth.Get("authType").Str() {
	case "none":
		if present(secret) || present(entra) || present(auth.Get("oAuthConfiguration")) {
			in.report("NoAuthTypeComposeExtensionContainsAuthConfiguration", path, `authType is "none", but there is a configuration for signing in`, "take it out, or correct authType")
		}
	case "apiSecretServiceAuth":
		switch {
		case !present(secret):
			in.report("ApiSecretServiceAuthTypeComposeExtensionContainsNoApiSecretServiceAuthConfiguration", path, "apiSecretServiceAuthConfiguration is missing", "add it")
		case secret.Get("apiSecretRegistrationId").Str() == "":
			in.report("ApiSecretServiceAuthTypeComposeExtensionContainsNoApiSecretRegistrationId", path+"/apiSecretServiceAuthConfiguration", "apiSecretRegistrationId is missing", "add the id under which the secret is registered")
		}
		if present(entra) {
			in.report("ApiSecretServiceAuthTypeComposeExtensionContainsMsftEntraConfiguration", path+"/microsoftEntraConfiguration", "authType is apiSecretServiceAuth, but there is a microsoftEntraConfiguration", "take it out")
		}
	case "microsoftEntra":
		in.entraAuthorization(path, secret, entra)
	}
}

func (in *inspection) entraAuthorization(path string, secret, entra *jsondoc.Node) {
	switch {
	case !present(entra):
		in.report("MsftEntraAuthTypeComposeExtensionContainsNoMsftEntraConfiguration", path, "microsoftEntraConfiguration is missing", "add it")
	case !entra.Get("supportsSingleSignOn").True():
		in.report("MsftEntraAuthTypeComposeExtensionSupportsSingleSignOnFalse", path+"/microsoftEntraConfiguration/supportsSingleSignOn", "supportsSingleSignOn is not true", "set it to true")
	}
	if present(secret) {
		in.report("MsftEntraAuthTypeComposeExtensionContainsApiSecretServiceConfiguration", path+"/apiSecretServiceAuthConfiguration", "authType is microsoftEntra, but there is an apiSecretServiceAuthConfiguration", "take it out")
	}
	if web := in.root.Get("webApplicationInfo"); web.Get("id").Str() == "" || web.Get("resource").Str() == "" {
		in.report("MsftEntraAuthTypeComposeExtensionWebApplicationInfoOrResourceNotDefined", path+"/authType", "authType microsoftEntra needs webApplicationInfo with id and resource", "add both")
	}
}
