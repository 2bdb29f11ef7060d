package apppackage

import "github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"

// Manifest holds the fields that the program acts on. Unknown fields and
// fields of the wrong type are left out; Validate reports them.
type Manifest struct {
	Schema             string // $schema
	ManifestVersion    string // "1.17", "devPreview"
	ID                 string // GUID as written; compare without regard to case
	Version            string // MAJOR.MINOR.PATCH
	PackageName        string
	Name               Text
	Description        Text
	Developer          Developer
	Icons              Icons
	AccentColor        string
	Bots               []Bot
	StaticTabs         []StaticTab
	ConfigurableTabs   []ConfigurableTab
	ComposeExtensions  []ComposeExtension
	Connectors         []Connector
	WebApplicationInfo *WebApplicationInfo // nil when absent
	ValidDomains       []string
	Permissions        []string // the deprecated list
	Authorization      []ResourcePermission
	LocalizationInfo   *LocalizationInfo // nil when absent
}

// Text is a short and a full wording.
type Text struct{ Short, Full string }

// Developer is who publishes the app.
type Developer struct{ Name, WebsiteURL, PrivacyURL, TermsOfUseURL, MpnID string }

// Icons are paths inside the package.
type Icons struct{ Color, Outline, Color32 string }

// Bot is an element of bots.
type Bot struct {
	BotID                                         string
	Scopes                                        []string
	SupportsFiles, SupportsCalling, SupportsVideo bool
	NotificationOnly                              bool // isNotificationOnly
}

// StaticTab is an element of staticTabs.
type StaticTab struct {
	EntityID, Name, ContentURL, WebsiteURL string
	Scopes                                 []string
}

// ConfigurableTab is an element of configurableTabs.
type ConfigurableTab struct {
	ConfigurationURL string
	Scopes           []string
}

// ComposeExtension is an element of composeExtensions.
type ComposeExtension struct {
	BotID    string
	Type     string   // composeExtensionType: "botBased", "apiBased" or "" when absent
	Commands []string // ids of the commands
}

// Connector is an element of connectors.
type Connector struct {
	ConnectorID string
	Scopes      []string
}

// WebApplicationInfo ties the app to an Entra application.
type WebApplicationInfo struct {
	ID, Resource           string
	ApplicationPermissions []string // manifest 1.6 to 1.11
}

// ResourcePermission is an element of authorization.permissions.resourceSpecific.
type ResourcePermission struct{ Name, Type string }

// LocalizationInfo lists the language files.
type LocalizationInfo struct {
	DefaultLanguageTag, DefaultLanguageFile string
	AdditionalLanguages                     []Language
}

// Language is one language file.
type Language struct{ Tag, File string }

func decodeManifest(root *jsondoc.Node) Manifest {
	developer := root.Get("developer")
	icons := root.Get("icons")
	return Manifest{
		Schema:          root.Get("$schema").Str(),
		ManifestVersion: root.Get("manifestVersion").Str(),
		ID:              root.Get("id").Str(),
		Version:         root.Get("version").Str(),
		PackageName:     root.Get("packageName").Str(),
		Name:            decodeText(root.Get("name")),
		Description:     decodeText(root.Get("description")),
		Developer: Developer{
			Name:          developer.Get("name").Str(),
			WebsiteURL:    developer.Get("websiteUrl").Str(),
			PrivacyURL:    developer.Get("privacyUrl").Str(),
			TermsOfUseURL: developer.Get("termsOfUseUrl").Str(),
			MpnID:         developer.Get("mpnId").Str(),
		},
		Icons: Icons{
			Color:   icons.Get("color").Str(),
			Outline: icons.Get("outline").Str(),
			Color32: icons.Get("color32x32").Str(),
		},
		AccentColor:        root.Get("accentColor").Str(),
		Bots:               each(root.Get("bots"), decodeBot),
		StaticTabs:         each(root.Get("staticTabs"), decodeStaticTab),
		ConfigurableTabs:   each(root.Get("configurableTabs"), decodeConfigurableTab),
		ComposeExtensions:  each(root.Get("composeExtensions"), decodeComposeExtension),
		Connectors:         each(root.Get("connectors"), decodeConnector),
		WebApplicationInfo: decodeWebApplicationInfo(root.Get("webApplicationInfo")),
		ValidDomains:       root.Get("validDomains").Strings(),
		Permissions:        root.Get("permissions").Strings(),
		Authorization:      each(root.At("authorization", "permissions", "resourceSpecific"), decodePermission),
		LocalizationInfo:   decodeLocalizationInfo(root.Get("localizationInfo")),
	}
}

// each decodes the objects of an array and skips anything else in it.
func each[T any](list *jsondoc.Node, decode func(*jsondoc.Node) T) []T {
	var out []T
	for _, item := range list.List() {
		if item.Kind == jsondoc.Object {
			out = append(out, decode(item))
		}
	}
	return out
}

func decodeText(n *jsondoc.Node) Text {
	return Text{Short: n.Get("short").Str(), Full: n.Get("full").Str()}
}

func decodeBot(n *jsondoc.Node) Bot {
	return Bot{
		BotID:            n.Get("botId").Str(),
		Scopes:           n.Get("scopes").Strings(),
		SupportsFiles:    n.Get("supportsFiles").True(),
		SupportsCalling:  n.Get("supportsCalling").True(),
		SupportsVideo:    n.Get("supportsVideo").True(),
		NotificationOnly: n.Get("isNotificationOnly").True(),
	}
}

func decodeStaticTab(n *jsondoc.Node) StaticTab {
	return StaticTab{
		EntityID:   n.Get("entityId").Str(),
		Name:       n.Get("name").Str(),
		ContentURL: n.Get("contentUrl").Str(),
		WebsiteURL: n.Get("websiteUrl").Str(),
		Scopes:     n.Get("scopes").Strings(),
	}
}

func decodeConfigurableTab(n *jsondoc.Node) ConfigurableTab {
	return ConfigurableTab{ConfigurationURL: n.Get("configurationUrl").Str(), Scopes: n.Get("scopes").Strings()}
}

func decodeComposeExtension(n *jsondoc.Node) ComposeExtension {
	return ComposeExtension{
		BotID:    n.Get("botId").Str(),
		Type:     n.Get("composeExtensionType").Str(),
		Commands: each(n.Get("commands"), func(c *jsondoc.Node) string { return c.Get("id").Str() }),
	}
}

func decodeConnector(n *jsondoc.Node) Connector {
	return Connector{ConnectorID: n.Get("connectorId").Str(), Scopes: n.Get("scopes").Strings()}
}

func decodeWebApplicationInfo(n *jsondoc.Node) *WebApplicationInfo {
	if n == nil || n.Kind != jsondoc.Object {
		return nil
	}
	return &WebApplicationInfo{
		ID:                     n.Get("id").Str(),
		Resource:               n.Get("resource").Str(),
		ApplicationPermissions: n.Get("applicationPermissions").Strings(),
	}
}

func decodePermission(n *jsondoc.Node) ResourcePermission {
	return ResourcePermission{Name: n.Get("name").Str(), Type: n.Get("type").Str()}
}

func decodeLocalizationInfo(n *jsondoc.Node) *LocalizationInfo {
	if n == nil || n.Kind != jsondoc.Object {
		return nil
	}
	return &LocalizationInfo{
		DefaultLanguageTag:  n.Get("defaultLanguageTag").Str(),
		DefaultLanguageFile: n.Get("defaultLanguageFile").Str(),
		AdditionalLanguages: each(n.Get("additionalLanguages"), func(l *jsondoc.Node) Language {
			return Language{Tag: l.Get("languageTag").Str(), File: l.Get("file").Str()}
		}),
	}
}
