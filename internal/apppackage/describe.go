package apppackage

import (
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
	"github.com/teamsform/teamsform/internal/apppackage/internal/rules"
)

// describe words a violation and what to do about it.
func describe(v rules.Violation, version string, table *rules.Table, kind rules.Kind) (message, remedy string) {
	name := dotted(v.Path)
	detail := func(i int) string {
		if i < len(v.Detail) {
			return v.Detail[i]
		}
		return ""
	}
	switch v.Keyword {
	case "required":
		return fmt.Sprintf("%s lacks %q", name, detail(0)), fmt.Sprintf("add %q", detail(0))
	case "additionalProperties":
		return fmt.Sprintf("%s has %q, which version %s does not know", name, detail(0), version), whereKnown(v, version, table, kind)
	case "type":
		return fmt.Sprintf("%s is of type %s", name, v.Value.Kind), "make it " + strings.Join(v.Detail, " or ")
	case "const", "enum":
		return fmt.Sprintf("%s is %s", name, shown(v.Value)), "allowed: " + strings.Join(v.Detail, ", ")
	case "maxLength":
		return fmt.Sprintf("%s has %s characters, allowed are %s", name, detail(1), detail(0)), "shorten it"
	case "minLength":
		return fmt.Sprintf("%s has %s characters, needed are %s", name, detail(1), detail(0)), "fill it in"
	case "maxItems":
		return fmt.Sprintf("%s has %s elements, allowed are %s", name, detail(1), detail(0)), "take some out"
	case "minItems", "minProperties":
		return fmt.Sprintf("%s has %s elements, needed are %s", name, detail(1), detail(0)), "add some, or leave it out"
	case "minimum":
		return fmt.Sprintf("%s is %s", name, shown(v.Value)), "make it at least " + detail(0)
	case "maximum":
		return fmt.Sprintf("%s is %s", name, shown(v.Value)), "make it at most " + detail(0)
	case "pattern":
		return fmt.Sprintf("%s is %s", name, shown(v.Value)), "write " + meaning(detail(0))
	case "format":
		return fmt.Sprintf("%s is %s", name, shown(v.Value)), "write an absolute URL"
	case "uniqueItems":
		return fmt.Sprintf("%s has the same element at %s and %s", name, detail(0), detail(1)), "take one of them out"
	case "anyOf":
		return fmt.Sprintf("%s fits none of the forms that it may have", name), "satisfy one of them; what each lacks is listed beside"
	case "oneOf":
		if detail(0) == "0" {
			return fmt.Sprintf("%s fits none of the forms that it may have", name), "satisfy exactly one of them; what each lacks is listed beside"
		}
		return fmt.Sprintf("%s fits %s forms at once", name, detail(0)), "keep to one of the alternatives"
	case "not":
		return fmt.Sprintf("%s has members that exclude each other", name), "keep to one of the alternatives"
	case "if":
		return fmt.Sprintf("%s lacks what another of its members calls for", name), "see the finding beside"
	}
	return fmt.Sprintf("%s breaks the rule %s", name, v.Keyword), ""
}

// whereKnown tells in which versions a surplus member would be right.
func whereKnown(v rules.Violation, version string, table *rules.Table, kind rules.Kind) string {
	var path []string
	for part := range strings.SplitSeq(strings.TrimPrefix(v.Path, "/"), "/") {
		if part != "" {
			path = append(path, part)
		}
	}
	known := table.KnownIn(kind, append(path, v.Detail[0]))
	if len(known) == 0 {
		return "take it out, or correct its spelling"
	}
	first, last := known[0], known[len(known)-1]
	switch {
	case first == rules.DevPreview:
		return "take it out; only devPreview knows it"
	case rules.CompareVersions(version, first) < 0:
		return fmt.Sprintf("take it out, or raise manifestVersion to %s", first)
	}
	if last == rules.DevPreview && len(known) > 1 {
		last = known[len(known)-2]
	}
	return fmt.Sprintf("take it out; the last version to know it is %s", last)
}

// meaning puts the common patterns into words.
func meaning(pattern string) string {
	switch {
	case strings.HasPrefix(pattern, "^[0-9a-fA-F]{8}-"):
		return "a GUID: eight-four-four-four-twelve hexadecimal digits"
	case pattern == "^[Hh][Tt][Tt][Pp][Ss]?://":
		return "a URL that begins with https://"
	case pattern == "^[Hh][Tt][Tt][Pp][Ss]://":
		return "a URL that begins with https://"
	case pattern == "^#[0-9a-fA-F]{6}$":
		return "a color such as #1F6F78"
	}
	return "text that matches " + pattern
}

// dotted turns a JSON pointer into the form of the service's messages:
// /bots/0/botId into bots[0].botId.
func dotted(path string) string {
	if path == "" {
		return "the file"
	}
	var b strings.Builder
	for part := range strings.SplitSeq(path[1:], "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch {
		case part != "" && strings.Trim(part, "0123456789") == "":
			fmt.Fprintf(&b, "[%s]", part)
		case b.Len() > 0:
			b.WriteString("." + part)
		default:
			b.WriteString(part)
		}
	}
	return b.String()
}

// shown returns a value for a message, cut when long.
func shown(n *jsondoc.Node) string {
	switch {
	case n == nil:
		return "absent"
	case n.Kind == jsondoc.String:
		text := []rune(n.Text)
		if len(text) > 60 {
			return fmt.Sprintf("%q...", string(text[:60]))
		}
		return fmt.Sprintf("%q", n.Text)
	case n.Kind == jsondoc.Number, n.Kind == jsondoc.Bool:
		return n.Text
	}
	return "of type " + n.Kind.String()
}
