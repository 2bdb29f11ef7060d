package apppackage

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
	"github.com/teamsform/teamsform/internal/apppackage/internal/rules"
)

var (
	// localizationURL is the published form of $schema, with or without locale.
	localizationURL = regexp.MustCompile(`(?i)^https://developer\.microsoft\.com/([a-z]{2}(-[a-z]{2,4})?/)?json-schemas/teams/v[^/]+/MicrosoftTeams(\.Localization)?\.schema\.json#?$`)
	localizedStep   = regexp.MustCompile(`^([A-Za-z0-9_]+)(?:\[([0-9]+)\])?$`)
	agentToken      = regexp.MustCompile(`\[\[([a-zA-Z_][a-zA-Z0-9_]*)\]\]`)
)

// language is a place of the manifest that names a language file.
type language struct{ pointer, tag, file string }

func (in *inspection) languages() []language {
	info := in.root.Get("localizationInfo")
	var out []language
	if file := info.Get("defaultLanguageFile").Str(); file != "" {
		out = append(out, language{"/localizationInfo/defaultLanguageFile", info.Get("defaultLanguageTag").Str(), file})
	}
	for i, l := range few(info.Get("additionalLanguages")) {
		out = append(out, language{jsondoc.Item("/localizationInfo/additionalLanguages", i) + "/file", l.Get("languageTag").Str(), l.Get("file").Str()})
	}
	return out
}

// localization checks localizationInfo and the files that it names.
func (in *inspection) localization() {
	info := in.root.Get("localizationInfo")
	if info == nil {
		return
	}
	seen := map[string]bool{strings.ToLower(info.Get("defaultLanguageTag").Str()): true}
	for i, l := range few(info.Get("additionalLanguages")) {
		tag := strings.ToLower(l.Get("languageTag").Str())
		if seen[tag] {
			in.report("LocalizationDuplicateTag", jsondoc.Item("/localizationInfo/additionalLanguages", i)+"/languageTag", fmt.Sprintf("the language %q is named already", l.Get("languageTag").Str()), "take one of the two out")
		}
		seen[tag] = true
	}
	if present(in.root.Get("copilotAgents")) && len(few(info.Get("additionalLanguages"))) > 0 && info.Get("defaultLanguageFile").Str() == "" {
		in.report("LocalizationAgentDefaultFile", "/localizationInfo", "an agent in several languages needs defaultLanguageFile", "move the default texts into a file and name it")
	}
	table, err := rules.Load()
	if err != nil {
		in.broken(err)
		return
	}
	done := map[string]bool{}
	for _, l := range in.languages() {
		f, ok := in.find(reference{manifestName, l.pointer, l.file})
		if !ok || done[f.Name] {
			continue
		}
		done[f.Name] = true
		if root := in.parse(f); root != nil {
			in.languageFile(table, f.Name, root)
		}
	}
}

func (in *inspection) languageFile(table *rules.Table, name string, root *jsondoc.Node) {
	other, done := in.within(name, root)
	defer done()
	url := root.Get("$schema").Str()
	named := versionInURL(url)
	version := orElse(in.version, named)
	switch {
	case url == "":
		other.report("LocalizationSchemaIsMissing", "", `"$schema" is missing`, fmt.Sprintf("add https://developer.microsoft.com/json-schemas/teams/v%s/MicrosoftTeams.Localization.schema.json", orElse(version, "1.17")))
	case !localizationURL.MatchString(url):
		other.report("LocalizationSchemaDoesNotFollowConventionalSchemaRegex", "/$schema", fmt.Sprintf("$schema is %.120q", url), "write https://developer.microsoft.com/json-schemas/teams/v<version>/MicrosoftTeams.Localization.schema.json")
	case in.version != "" && named != in.version:
		other.report("LocalizationSchemaVersionIsNotTheSameAsTheManifestSchemaVersion", "/$schema", fmt.Sprintf("$schema is of version %s, the manifest of %s", orElse(named, "unknown"), in.version), "make both the same")
	}
	if table.Has(rules.Localization, version) {
		other.violations(table, rules.Localization, version)
	}
	for _, m := range root.Members[:min(len(root.Members), maxFindings)] {
		if !strings.HasPrefix(m.Name, "$") && m.Name != "localizationKeys" && !in.hasPlace(m.Name) {
			other.report("LocalizationIndexOutOfRange", jsondoc.Child("", m.Name), fmt.Sprintf("%q translates something that the manifest does not have", m.Name), "take the key out, or correct its index")
		}
	}
}

// hasPlace reports whether every list element on the way of a key such as
// staticTabs[0].name exists in the manifest. Whether the last member exists
// does not matter: a translation may add an optional text.
func (in *inspection) hasPlace(key string) bool {
	n := in.root
	for step := range strings.SplitSeq(key, ".") {
		m := localizedStep.FindStringSubmatch(step)
		if m == nil {
			return true // the schema says so
		}
		n = n.Get(m[1])
		if m[2] == "" {
			continue
		}
		i, err := strconv.Atoi(m[2])
		if n = n.Index(i); err != nil || n == nil {
			return false
		}
	}
	return true
}

// agentTokens checks that each [[token]] in the files of agents has a text in
// every language file.
func (in *inspection) agentTokens() {
	var tokens []string
	for _, agent := range in.agentFiles() {
		files := []File{agent}
		if root, err := jsondoc.Parse(agent.Data[:min(len(agent.Data), maxJSONBytes)]); err == nil {
			for _, r := range agentReferences(agent.Name, root) {
				if f, ok := in.find(r); ok && strings.EqualFold(path.Ext(f.Name), ".json") {
					files = append(files, f)
				}
			}
		}
		for _, f := range files {
			for _, m := range agentToken.FindAllSubmatch(f.Data, 10*maxElements) {
				tokens = append(tokens, string(m[1]))
			}
		}
	}
	slices.Sort(tokens)
	tokens = slices.Compact(tokens)
	tokens = tokens[:min(len(tokens), maxElements)]
	seen := map[string]bool{}
	for _, l := range in.languages() {
		f, ok := in.find(reference{manifestName, l.pointer, l.file})
		if !ok || seen[f.Name] || len(f.Data) > maxJSONBytes {
			continue
		}
		seen[f.Name] = true
		root, err := jsondoc.Parse(f.Data)
		if err != nil {
			continue // reported before
		}
		other, done := in.within(f.Name, root)
		for _, token := range tokens {
			keys := root.Get("localizationKeys")
			if keys.Get(token) == nil && keys.Get("[["+token+"]]") == nil {
				other.report("LocalizationKeyMissing", "/localizationKeys", fmt.Sprintf("the agent's text [[%s]] has no translation", token), fmt.Sprintf("add %q to localizationKeys", token))
			}
		}
		done()
	}
}
