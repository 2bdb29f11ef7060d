package assess

import (
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/access"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams"
)

// Checks that auditors ask for, restated in the words of this program. Where a
// tenant does not tell what a check needs, the check is not judged: that is
// neither a pass nor a failure.

// Status is what a check came to.
type Status string

// The statuses.
const (
	Pass      Status = "pass"
	Fail      Status = "fail"
	NotJudged Status = "not_judged"
)

// CheckResult is one check with its evidence.
type CheckResult struct {
	ID       string   `json:"id"`
	Source   string   `json:"source"`
	Asks     string   `json:"asks"` // what the check asks for, in our words
	Status   Status   `json:"status"`
	Evidence []string `json:"evidence"`
	Remedy   string   `json:"remedy,omitempty"` // when it fails
}

// The sources of checks, as known when they were written.
const (
	sourceCIS   = "CIS Microsoft 365 Foundations Benchmark v6.0.1"
	sourceScuba = "CISA SCuBA baseline for Teams, as ScubaGear checks it (policy version 1)"
	sourceOwn   = "teamsform"
)

// class is one of the three classes of apps that the admin centre tells apart.
type class struct {
	attr    string // of permission policies
	words   string
	setting string // of the organisation's defaults, on app-centric tenants
}

func classes() (microsoft, store, custom class) {
	return class{"microsoft_apps", "Microsoft apps", "microsoft_apps_default"},
		class{"store_apps", "third-party apps", "store_apps_default"},
		class{"custom_apps", "custom apps", "custom_apps_default"}
}

// Check runs every built-in check.
func (v *View) Check() []CheckResult {
	microsoft, store, custom := classes()
	return []CheckResult{
		v.checkCIS(store, custom),
		v.checkClass("MS.TEAMS.5.1", microsoft),
		v.checkClass("MS.TEAMS.5.2", store),
		v.checkClass("MS.TEAMS.5.3", custom),
		v.checkUpload(),
	}
}

// checkCIS: by default nobody may install third-party or custom apps, and
// custom apps cannot be tried in preview.
func (v *View) checkCIS(store, custom class) CheckResult {
	out := CheckResult{
		ID: "8.4.1", Source: sourceCIS,
		Asks: "People get no third-party and no custom apps unless somebody decides so: both classes are off by default, and custom apps cannot be uploaded to be tried.",
	}
	parts := []part{v.closedByDefault(store), v.closedByDefault(custom)}
	switch upload := v.uploaders(); {
	case !v.CustomApps:
		parts = append(parts, part{Pass, "The organisation-wide switch for custom apps is off."})
	case upload == 0:
		parts = append(parts, part{Pass, "Nobody may upload custom apps, though the organisation-wide switch for them is on."})
	default:
		parts = append(parts, part{Fail, fmt.Sprintf("The organisation-wide switch for custom apps is on, and %s may upload them.", people(upload))})
	}
	return out.judge(parts, "Set custom_apps and store_apps of the Global permission policy to { allow_only = [...] }, or, with app-centric management, the defaults of both classes to no one. For custom apps switch off custom_app_interaction, or leave uploads to nobody.")
}

// checkClass: no permission policy (or default) lets people have every app of a
// class.
func (v *View) checkClass(id string, c class) CheckResult {
	out := CheckResult{
		ID: id, Source: sourceScuba,
		Asks: fmt.Sprintf("Of %s only those can be installed that the organisation has approved: no policy allows all, or all but some.", c.words),
	}
	remedy := fmt.Sprintf("Give each policy named above %s = { allow_only = [...] }.", c.attr)
	if v.Model == access.AppCentric {
		remedy = fmt.Sprintf("Set the organisation's default for %s to no one, and make approved apps available one by one.", c.words)
		return out.judge([]part{v.orgDefault(c)}, remedy)
	}
	var parts []part
	for _, o := range v.objects(teams.PermissionPolicy) {
		parts = append(parts, choicePart(o, c))
	}
	if parts == nil {
		parts = []part{{NotJudged, "No permission policy could be read."}}
	}
	return out.judge(parts, remedy)
}

// checkUpload: not everybody may upload.
func (v *View) checkUpload() CheckResult {
	out := CheckResult{ID: "upload-for-all", Source: sourceOwn, Asks: "Upload of custom apps is for chosen people: the Global setup policy does not allow it."}
	all := "The Global setup policy does not allow it."
	status := Pass
	for _, o := range v.objects(teams.SetupPolicy) {
		if strings.EqualFold(o.Key, access.Global) && o.Attrs["upload_custom_apps"] == true {
			status, all = Fail, fmt.Sprintf("The Global setup policy allows it: %s may upload, all policies together.", people(v.uploaders()))
			if !v.CustomApps {
				status, all = Pass, "The Global setup policy allows it, but the organisation-wide switch for custom apps is off."
			}
		}
	}
	return out.judge([]part{{status, all}}, "Set upload_custom_apps = false in the Global setup policy, and give a policy with upload to those who need it.")
}

// part is one piece of evidence and what it says alone.
type part struct {
	status Status
	text   string
}

// judge weighs: one failure fails, and what is missing keeps a pass back.
func (r CheckResult) judge(parts []part, remedy string) CheckResult {
	r.Status = Pass
	for _, p := range parts {
		r.Evidence = append(r.Evidence, p.text)
		if p.status == Fail || p.status == NotJudged && r.Status == Pass {
			r.Status = p.status
		}
	}
	if r.Status == Fail {
		r.Remedy = remedy
	}
	return r
}

// closedByDefault tells whether people without any exception get no app of a
// class.
func (v *View) closedByDefault(c class) part {
	if v.Model == access.AppCentric {
		return v.orgDefault(c)
	}
	for _, o := range v.objects(teams.PermissionPolicy) {
		if strings.EqualFold(o.Key, access.Global) {
			return choicePart(o, c)
		}
	}
	return part{NotJudged, "The Global permission policy could not be read."}
}

// choicePart judges what one policy says of a class. A list of blocked apps
// allows all others, also when it is empty.
func choicePart(o engine.Object, c class) part {
	choice, told := o.Attrs[c.attr].(map[string]any)
	if !told {
		return part{NotJudged, fmt.Sprintf("The permission policy %q does not tell what it says of %s.", o.Key, c.words)}
	}
	if list, only := choice[schema.AllowOnly].([]any); only {
		if len(list) == 0 {
			return part{Pass, fmt.Sprintf("The permission policy %q allows no %s.", o.Key, c.words)}
		}
		return part{Pass, fmt.Sprintf("The permission policy %q allows chosen %s only (%d).", o.Key, c.words, len(list))}
	}
	list, _ := choice[schema.AllowAllBut].([]any)
	if len(list) == 0 {
		return part{Fail, fmt.Sprintf("The permission policy %q allows all %s.", o.Key, c.words)}
	}
	return part{Fail, fmt.Sprintf("The permission policy %q allows all %s but %d.", o.Key, c.words, len(list))}
}

// orgDefault judges the default of an app-centric tenant.
func (v *View) orgDefault(c class) part {
	for _, o := range v.objects(teams.OrgSettings) {
		switch o.Attrs[c.setting] {
		case "no_one":
			return part{Pass, fmt.Sprintf("By default %s are available to no one.", c.words)}
		case "everyone":
			return part{Fail, fmt.Sprintf("By default %s are available to everyone.", c.words)}
		}
	}
	return part{NotJudged, fmt.Sprintf("The organisation's default for %s could not be read.", c.words)}
}

func (v *View) objects(kind string) []engine.Object { return v.world.Objects[kind] }

// uploaders counts the people who may upload.
func (v *View) uploaders() int {
	n := 0
	for class := range v.Classes.Classes {
		if v.Classes.Upload(class, true).Personal {
			n += v.Classes.Classes[class].Count
		}
	}
	return n
}
