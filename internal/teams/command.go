package teams

import (
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// IsForbidden reports whether an error says that the signed-in identity may not
// do what was asked.
func IsForbidden(err error) bool { return teamsadmin.IsForbidden(err) || msgraph.IsForbidden(err) }

// Command is what an administrator types into Teams PowerShell to set one value,
// for people who have to do by hand what this program may not; "" where no such
// command is known (policy-plane facts 1.2 to 1.4).
func Command(kind, key, id, attr string, value any) string {
	switch {
	case kind == OrgSettings && attr == "custom_app_interaction":
		return fmt.Sprintf("Set-CsTeamsSettingsCustomApp -isSideloadedAppsInteractionEnabled $%v", value)
	case kind == App && attr == "blocked":
		return fmt.Sprintf("Update-M365TeamsApp -Id %s -IsBlocked $%v", id, value)
	case kind == PermissionPolicy && attr == "custom_apps":
		for choice, typ := range map[string]string{schema.AllowOnly: "AllowedAppList", schema.AllowAllBut: "BlockedAppList"} {
			if apps, ok := list(value, choice); ok {
				return fmt.Sprintf("Set-CsTeamsAppPermissionPolicy -Identity %s -PrivateCatalogAppsType %s -PrivateCatalogApps @(%s)", psQuote(key), typ, psApps(apps))
			}
		}
	}
	return ""
}

func psApps(apps []any) string {
	out := make([]string, len(apps))
	for i, a := range apps {
		out[i] = fmt.Sprintf("(New-Object -TypeName Microsoft.Teams.Policy.Administration.Cmdlets.Core.PrivateCatalogApp -Property @{Id=%s})", psQuote(fmt.Sprint(a)))
	}
	return strings.Join(out, ", ")
}

func psQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
