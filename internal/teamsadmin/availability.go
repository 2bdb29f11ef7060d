package teamsadmin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// AvailabilityReader reads what a tenant with app-centric management keeps of each app. The service takes signed-in
// people only: an application identity is refused, and a transport may not reach the service at all. Test with IsClosed.
type AvailabilityReader interface {
	// AppAvailabilities returns every app of the tenant, Microsoft's and the store's too, sorted by id. The people and
	// groups of lists are not told (Users and Groups are nil); AppAvailability has them.
	AppAvailabilities(ctx context.Context) ([]AppAvailability, error)
	// AppAvailability returns one app, by catalog id, with the people and groups of its lists.
	AppAvailability(ctx context.Context, appID string) (AppAvailability, error)
	// AppDefaults returns the organisation's defaults for apps that nobody has saved.
	AppDefaults(ctx context.Context) (AppDefaults, error)
}

// AvailabilityAdmin changes it. Answers prove nothing: read back. People see a change after a day to three.
type AvailabilityAdmin interface {
	// SetAudience makes an app available to, or installs it for, everyone or nobody. The lists it had are gone.
	SetAudience(ctx context.Context, appID string, of AudienceOf, typ AudienceType) error
	// AddToAudience adds users and groups by object id, MaxAudienceChange in a call, groups first. From everyone or
	// nobody the first call changes over to the list. What fails between two calls is ambiguous.
	AddToAudience(ctx context.Context, appID string, of AudienceOf, users, groups []string) error
	// RemoveFromAudience takes users and groups away, likewise. Who is not in the list does no harm.
	RemoveFromAudience(ctx context.Context, appID string, of AudienceOf, users, groups []string) error
	// BlockApp blocks an app for everybody, or ends the block. Whom it is available to stays as it is meanwhile.
	BlockApp(ctx context.Context, appID string, blocked bool) error
	// SetCustomAppsDefault says whether custom apps that nobody has saved are available to everyone or to nobody. It
	// concerns every such app at once, and new ones.
	SetCustomAppsDefault(ctx context.Context, everyone bool) error
}

// AudienceType is how an app is assigned.
type AudienceType string

// Types of assignment, as the service writes them. It has been seen to spell them in other cases too.
const (
	Everyone       AudienceType = "Everyone"
	UsersAndGroups AudienceType = "UsersAndGroups"
	Noone          AudienceType = "Noone"
)

// AudienceOf says which of an app's two audiences is meant.
type AudienceOf string

// The audiences of an app.
const (
	Available AudienceOf = "available"
	Installed AudienceOf = "installed"
)

// MaxAudienceChange is how many users and groups one call adds or removes. The limit is documented of the admin
// centre; whether the service has it too is not known.
const MaxAudienceChange = 99

// AppAvailability is what the tenant keeps of one app.
type AppAvailability struct {
	ID        string // catalog id of a custom app, app id of the others
	Blocked   bool
	Available AppAudience
	Installed AppAudience
}

// AppAudience is whom an app is available to, or installed for.
type AppAudience struct {
	Type AudienceType
	// Saved: somebody has set it for this app. An app that was never saved goes with the organisation's default.
	Saved bool
	// Users and Groups are object ids in lower case, sorted; nil when they were not asked for, empty for none.
	Users, Groups []string
}

// AppDefaults are the organisation's defaults by class of app. Nil: the service did not tell.
type AppDefaults struct {
	Microsoft, Store, Custom *bool // available to everyone
}

const (
	appsPath      = "/M365.Apps/apps"
	defaultsPath  = "/M365.Apps/settings"
	customDefault = "PrivateApp"
)

// errNotOffered says that this transport has no way to the service.
var errNotOffered = errors.New("app-centric management cannot be reached this way: of the real service only the commands of Microsoft's PowerShell module are known")

// IsClosed reports whether the identity or the transport has no access to app-centric management. Nothing follows from
// it about the tenant.
func IsClosed(err error) bool {
	var e *Error
	return errors.Is(err, errNotOffered) || errors.As(err, &e) && e.Status == http.StatusUnauthorized && strings.HasPrefix(e.Path, "/M365.Apps")
}

// AppAvailabilities implements AvailabilityReader.
func (r *Reads) AppAvailabilities(ctx context.Context) ([]AppAvailability, error) {
	if !r.appCentric {
		return nil, errNotOffered
	}
	k := call{url: appsPath, template: appsPath, cmdlet: "Get-AllM365TeamsApps"}
	var raw rows
	if err := r.get.one(ctx, k, &raw); err != nil {
		return nil, err
	}
	list := make([]AppAvailability, 0, len(raw))
	for _, row := range raw {
		a, err := decodeAvailability(row)
		if err != nil {
			return nil, fmt.Errorf("GET %s: %w", k.template, err)
		}
		a.Available.Users, a.Available.Groups, a.Installed.Users, a.Installed.Groups = nil, nil, nil, nil
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b AppAvailability) int { return compareNames(a.ID, b.ID) })
	return list, nil
}

// AppAvailability implements AvailabilityReader.
func (r *Reads) AppAvailability(ctx context.Context, appID string) (AppAvailability, error) {
	if !r.appCentric {
		return AppAvailability{}, errNotOffered
	}
	k, err := appCall("Get-M365TeamsApp", appID)
	if err != nil {
		return AppAvailability{}, err
	}
	var raw json.RawMessage
	if err := r.get.one(ctx, k, &raw); err != nil {
		return AppAvailability{}, err
	}
	a, err := decodeAvailability(raw)
	if err != nil {
		return a, fmt.Errorf("GET %s: %w", k.template, err)
	}
	return a, nil
}

func appCall(cmdlet, appID string) (call, error) {
	escaped, err := segment("id of an app", appID)
	return call{url: appsPath + "/" + escaped, template: appsPath + "/{id}", cmdlet: cmdlet}, err
}

// decodeAvailability reads an app as the commands print it. Words compare without regard to case, and a block is
// printed as true and false or as Blocked and Unblocked.
func decodeAvailability(raw json.RawMessage) (AppAvailability, error) {
	type assignee struct {
		ID string `json:"Id"`
	}
	var row struct {
		ID          string `json:"Id"`
		IsBlocked   json.RawMessage
		AvailableTo struct {
			AssignmentType       AudienceType
			LastUpdatedTimestamp *string
			AssignedBy           json.RawMessage
			Users, Groups        []assignee
		}
		InstalledFor struct {
			AppInstallType                    AudienceType
			LastUpdatedTimestamp              *string
			InstalledBy                       json.RawMessage
			InstallForUsers, InstallForGroups []assignee
		}
	}
	if err := json.Unmarshal(raw, &row); err != nil {
		return AppAvailability{}, fmt.Errorf("the availability of an app: %w", err)
	}
	out := AppAvailability{ID: strings.ToLower(row.ID)}
	var err error
	if out.Blocked, err = decodeBlocked(row.IsBlocked); err != nil {
		return out, err
	}
	to, in := row.AvailableTo, row.InstalledFor
	out.Available = AppAudience{Type: to.AssignmentType, Saved: to.LastUpdatedTimestamp != nil || told(to.AssignedBy)}
	out.Installed = AppAudience{Type: in.AppInstallType, Saved: in.LastUpdatedTimestamp != nil || told(in.InstalledBy)}
	for _, part := range []struct {
		a             *AppAudience
		users, groups []assignee
	}{{&out.Available, to.Users, to.Groups}, {&out.Installed, in.InstallForUsers, in.InstallForGroups}} {
		typ, known := audienceType(part.a.Type)
		if !known {
			return out, fmt.Errorf("app %s is assigned in a way that is not known: %q", row.ID, part.a.Type)
		}
		part.a.Type, part.a.Users, part.a.Groups = typ, []string{}, []string{}
		for _, u := range part.users {
			part.a.Users = append(part.a.Users, strings.ToLower(u.ID))
		}
		for _, g := range part.groups {
			part.a.Groups = append(part.a.Groups, strings.ToLower(g.ID))
		}
		slices.Sort(part.a.Users)
		slices.Sort(part.a.Groups)
	}
	if out.ID == "" {
		return out, errors.New("the availability of an app without an Id")
	}
	return out, nil
}

func told(raw json.RawMessage) bool {
	raw = bytes.TrimSpace(raw)
	return len(raw) > 0 && string(raw) != "null" && string(raw) != `""`
}

func audienceType(t AudienceType) (AudienceType, bool) {
	for _, known := range []AudienceType{Everyone, UsersAndGroups, Noone} {
		if strings.EqualFold(string(t), string(known)) {
			return known, true
		}
	}
	// Nothing is printed for an app that was never installed for anybody.
	return Noone, t == "" || strings.EqualFold(string(t), "None")
}

func decodeBlocked(raw json.RawMessage) (bool, error) {
	var on bool
	var word string
	switch {
	case !told(raw):
		return false, nil
	case json.Unmarshal(raw, &on) == nil:
		return on, nil
	case json.Unmarshal(raw, &word) == nil && (strings.EqualFold(word, "Blocked") || strings.EqualFold(word, "true")):
		return true, nil
	case strings.EqualFold(word, "Unblocked"), strings.EqualFold(word, "false"):
		return false, nil
	}
	return false, fmt.Errorf("IsBlocked is %s, neither blocked nor unblocked", raw)
}

// AppDefaults implements AvailabilityReader.
func (r *Reads) AppDefaults(ctx context.Context) (AppDefaults, error) {
	var d AppDefaults
	if !r.appCentric {
		return d, errNotOffered
	}
	k := call{url: defaultsPath, template: defaultsPath, cmdlet: "Get-M365UnifiedTenantSettings"}
	var raw rows
	if err := r.get.one(ctx, k, &raw); err != nil {
		return d, err
	}
	for _, row := range raw {
		var s struct{ SettingName, SettingValue string }
		if err := json.Unmarshal(row, &s); err != nil {
			return d, fmt.Errorf("GET %s: %w", k.template, err)
		}
		all, none := strings.EqualFold(s.SettingValue, "All"), strings.EqualFold(s.SettingValue, "None")
		if !all && !none {
			continue
		}
		switch strings.ToLower(s.SettingName) {
		case "defaultapp":
			d.Microsoft = &all
		case "globalapp":
			d.Store = &all
		case strings.ToLower(customDefault):
			d.Custom = &all
		}
	}
	return d, nil
}
