package msgraph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/teamsform/teamsform/internal/httpx"
)

// CatalogApp is an app in the tenant's catalog.
type CatalogApp struct {
	// ID is the catalog id, made by the tenant; policies and availability name this one.
	ID string `json:"id"`
	// ExternalID is the manifest id.
	ExternalID  string `json:"externalId"`
	DisplayName string `json:"displayName"`
	// DistributionMethod is organization, store or sideloaded, in any case.
	DistributionMethod string          `json:"distributionMethod"`
	Definitions        []AppDefinition `json:"appDefinitions"`
}

// AppDefinition is one version of an app in one state of publication.
type AppDefinition struct {
	// ID is opaque and changes with the state: look the definition up again after changing it.
	ID   string `json:"id"`
	ETag string `json:"@odata.etag"`
	// TeamsAppID is said to be the catalog id in some places and the manifest id in others; do not rely on it.
	TeamsAppID  string `json:"teamsAppId"`
	DisplayName string `json:"displayName"`
	Version     string `json:"version"`
	// PublishingState is submitted, published or rejected.
	PublishingState PublishingState `json:"publishingState"`
	// LastModified is as sent, which is not always a standard date, and often empty.
	LastModified  string         `json:"lastModifiedDateTime"`
	Authorization *Authorization `json:"authorization"`
	// Bot is told by CatalogAppWithBots only; nil: the version has none.
	Bot *AppBot `json:"bot"`
}

// AppBot is the bot of one version of an app; ID is the botId of the manifest.
type AppBot struct {
	ID string `json:"id"`
}

// Authorization is what an app asks for of the teams, chats and people it is installed for.
type Authorization struct {
	ClientAppID   string `json:"clientAppId"`
	PermissionSet struct {
		Permissions []ResourcePermission `json:"resourceSpecificPermissions"`
	} `json:"requiredPermissionSet"`
}

// ResourcePermission is one resource-specific permission; Type is application or delegated.
type ResourcePermission struct {
	Value string `json:"permissionValue"`
	Type  string `json:"permissionType"`
}

// PublishingState is the state of a definition. Compare with Is: documents spell it in several ways.
type PublishingState string

// States of a definition.
const (
	Submitted PublishingState = "submitted"
	Published PublishingState = "published"
	Rejected  PublishingState = "rejected"
)

// Is reports whether s is the state other, in any case.
func (s PublishingState) Is(other PublishingState) bool {
	return strings.EqualFold(string(s), string(other))
}

// IsOrganization reports whether the app is one of the tenant's own.
func (a CatalogApp) IsOrganization() bool {
	return strings.EqualFold(a.DistributionMethod, "organization")
}

const catalogPath = "/appCatalogs/teamsApps"

// CatalogApps calls yield for every app of the organisation that the identity sees, with its definitions. A person
// sees what policies let them see, an application only apps with a published version, and a fresh app may take a day
// or two to appear: absence is no proof.
func (r *Reader) CatalogApps(ctx context.Context, yield func(CatalogApp) error) error {
	return list(ctx, r.get, catalogEndpoint("distributionMethod eq 'organization'"), yield)
}

// CatalogAppByManifestID returns the organisation's apps with that manifest id: none or one.
func (r *Reader) CatalogAppByManifestID(ctx context.Context, manifestID string) ([]CatalogApp, error) {
	var found []CatalogApp
	e := catalogEndpoint("distributionMethod eq 'organization' and externalId eq " + literal(manifestID))
	err := list(ctx, r.get, e, func(a CatalogApp) error {
		found = append(found, a)
		return nil
	})
	return found, err
}

func catalogEndpoint(filter string) endpoint {
	return endpoint{url: catalogPath + params("$filter", filter, "$expand", "appDefinitions"), template: catalogPath}
}

// CatalogApp returns the app with that catalog id and its definitions. It is no error of the caller when it is gone:
// test with IsNotFound.
func (r *Reader) CatalogApp(ctx context.Context, id string) (CatalogApp, error) {
	return r.catalogApp(ctx, id, "appDefinitions")
}

// CatalogAppWithBots is CatalogApp with the bot of each definition.
func (r *Reader) CatalogAppWithBots(ctx context.Context, id string) (CatalogApp, error) {
	return r.catalogApp(ctx, id, "appDefinitions($expand=bot)")
}

func (r *Reader) catalogApp(ctx context.Context, id, expand string) (CatalogApp, error) {
	escaped, err := segment("catalog app", id)
	if err != nil {
		return CatalogApp{}, err
	}
	var app CatalogApp
	err = r.get.one(ctx, endpoint{
		url:      catalogPath + "/" + escaped + params("$expand", expand),
		template: catalogPath + "/{id}",
	}, &app)
	return app, err
}

// PublishApp adds an app package to the catalog. With requiresReview it is submitted for an administrator's approval;
// without, it is published at once, which takes an administrator. The definitions of the result are empty.
//
// IsAlreadyExists: the manifest id is in the catalog. IsAmbiguous: it may be published; look it up by manifest id.
func (c *Client) PublishApp(ctx context.Context, zip []byte, requiresReview bool) (CatalogApp, error) {
	var app CatalogApp
	e := endpoint{url: catalogPath + review(requiresReview), template: catalogPath}
	answer, err := c.upload(ctx, e, zip)
	if err != nil {
		return app, err
	}
	if err := decode(e.template, answer, &app); err != nil {
		return app, lost(http.MethodPost, e, answer, err)
	}
	if app.ID == "" {
		return app, lost(http.MethodPost, e, answer, fmt.Errorf("the answer names no id"))
	}
	return app, nil
}

// UpdateApp uploads a new version of the app with that catalog id. The result is the submitted definition if there is
// one in the answer, as with requiresReview, else nil.
//
// A failed answer may hide a success, also a 400: IsAmbiguous; read the app back before reporting it.
func (c *Client) UpdateApp(ctx context.Context, id string, zip []byte, requiresReview bool) (*AppDefinition, error) {
	escaped, err := segment("catalog app", id)
	if err != nil {
		return nil, err
	}
	e := endpoint{
		url:      catalogPath + "/" + escaped + "/appDefinitions" + review(requiresReview),
		template: catalogPath + "/{id}/appDefinitions",
	}
	answer, err := c.upload(ctx, e, zip)
	var refused *Error
	if errors.As(err, &refused) && refused.Status == http.StatusBadRequest {
		refused.MayHaveHappened = true // seen: refused with a 400, applied all the same
	}
	if err != nil || len(answer.Body) == 0 {
		return nil, err
	}
	var def AppDefinition
	if err := decode(e.template, answer, &def); err != nil {
		return nil, lost(http.MethodPost, e, answer, err)
	}
	return &def, nil
}

// SetPublishingState approves (Published) or rejects (Rejected) a submitted definition, if it still has that etag; an
// empty etag sends no condition. The id of the definition is another one afterwards.
func (c *Client) SetPublishingState(ctx context.Context, appID, definitionID, etag string, state PublishingState) error {
	e, err := definitionEndpoint(appID, definitionID)
	if err != nil {
		return err
	}
	if etag != "" {
		e.header = http.Header{"If-Match": {etag}}
	}
	return c.catalogWrite(ctx, http.MethodPatch, e, struct {
		State PublishingState `json:"publishingState"`
	}{state})
}

// WithdrawDefinition takes back a submission that has not been approved.
func (c *Client) WithdrawDefinition(ctx context.Context, appID, definitionID string) error {
	e, err := definitionEndpoint(appID, definitionID)
	if err != nil {
		return err
	}
	return c.catalogWrite(ctx, http.MethodDelete, e, nil)
}

// DeleteApp removes the app from the catalog. IsNotFound: it is gone already.
func (c *Client) DeleteApp(ctx context.Context, id string) error {
	escaped, err := segment("catalog app", id)
	if err != nil {
		return err
	}
	return c.catalogWrite(ctx, http.MethodDelete,
		endpoint{url: catalogPath + "/" + escaped, template: catalogPath + "/{id}"}, nil)
}

func definitionEndpoint(appID, definitionID string) (endpoint, error) {
	app, err := segment("catalog app", appID)
	if err != nil {
		return endpoint{}, err
	}
	def, err := segment("app definition", definitionID)
	return endpoint{
		url:      catalogPath + "/" + app + "/appDefinitions/" + def,
		template: catalogPath + "/{id}/appDefinitions/{id}",
	}, err
}

func review(required bool) string {
	if required {
		return "?requiresReview=true"
	}
	return ""
}

// upload and catalogWrite take turns: concurrent writes to the catalog fail with a 400.
func (c *Client) upload(ctx context.Context, e endpoint, zip []byte) (httpx.Answer, error) {
	release, err := c.turn(ctx)
	if err != nil {
		return httpx.Answer{}, err
	}
	defer release()
	return c.send.upload(ctx, e, zip)
}

func (c *Client) catalogWrite(ctx context.Context, method string, e endpoint, body any) error {
	release, err := c.turn(ctx)
	if err != nil {
		return err
	}
	defer release()
	_, err = c.send.send(ctx, method, e, body)
	return err
}

func (c *Client) turn(ctx context.Context) (release func(), err error) {
	select {
	case c.catalog <- struct{}{}:
		return func() { <-c.catalog }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// lost says that a write was accepted and its answer cannot be used.
func lost(method string, e endpoint, a httpx.Answer, err error) error {
	return &AmbiguousError{Method: method, Path: e.template, CallID: a.CallID, Err: err}
}
