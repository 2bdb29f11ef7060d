package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

// Publishing states of a definition.
const (
	Submitted = "submitted"
	Published = "published"
	Rejected  = "rejected"
)

// App is one app of the organisation's catalog. It has at most one published
// definition and at most one that is in review or was rejected.
type App struct {
	ID          ids.ID       `json:"-"`
	ManifestID  string       `json:"manifestId"`
	Definitions []Definition `json:"definitions"` // published first, newest last
}

// Definition is one version of an app.
type Definition struct {
	Version          string          `json:"version"`
	State            string          `json:"state"`
	InReview         bool            `json:"inReview,omitempty"` // its id carries the state: it went through review
	Revision         uint64          `json:"revision"`           // of the tenant, at its last change; the etag is made from it
	DisplayName      string          `json:"displayName"`
	ShortDescription string          `json:"shortDescription"`
	Description      string          `json:"description"`
	BotID            string          `json:"botId,omitempty"`
	EntraAppID       string          `json:"entraAppId,omitempty"`
	Permissions      []RSCPermission `json:"permissions,omitempty"`
	Scopes           []string        `json:"scopes,omitempty"`
	Digest           string          `json:"digest"` // of the package
	Modified         time.Time       `json:"modified"`
	CreatedBy        string          `json:"createdBy"` // object id
}

// RSCPermission is one resource-specific permission that a manifest asks for.
type RSCPermission struct {
	Value string `json:"value"`
	Kind  string `json:"kind"` // application or delegated
}

// PublishedDefinition is the definition that users get, nil if there is none.
func (a *App) PublishedDefinition() *Definition { return a.inState(Published) }

// PendingDefinition is the definition in review, nil if there is none.
func (a *App) PendingDefinition() *Definition { return a.inState(Submitted) }

func (a *App) inState(state string) *Definition {
	for i := range a.Definitions {
		if a.Definitions[i].State == state {
			return &a.Definitions[i]
		}
	}
	return nil
}

// Newest is the definition that stands last.
func (a *App) Newest() *Definition { return &a.Definitions[len(a.Definitions)-1] }

// Revision counts changes of the catalog; each call gives a new number.
func (tx *Tx) Revision() (uint64, error) { return tx.b.Bucket(bktApps).NextSequence() }

// App finds an app by catalog id.
func (tx *Tx) App(id ids.ID) (App, error) {
	a := App{ID: id}
	if err := get(tx.b.Bucket(bktApps), id[:], &a); err != nil {
		return a, fmt.Errorf("app %s: %w", id, err)
	}
	return a, nil
}

// AppByManifestID finds an app by the id in its manifest.
func (tx *Tx) AppByManifestID(manifestID string) (App, error) {
	key := tx.b.Bucket(bktAppExt).Get([]byte(strings.ToLower(manifestID)))
	if key == nil {
		return App{}, fmt.Errorf("app with manifest id %s: %w", manifestID, ErrNotFound)
	}
	return tx.App(ids.ID(key))
}

// Apps goes through the catalog in order of id.
func (tx *Tx) Apps(yield func(App) error) error {
	return tx.b.Bucket(bktApps).ForEach(func(k, v []byte) error {
		a := App{ID: ids.ID(k)}
		if err := json.Unmarshal(v, &a); err != nil {
			return fmt.Errorf("app %s is damaged: %w", a.ID, err)
		}
		return yield(a)
	})
}

// PutApp stores an app. An app without definitions is removed.
func (tx *Tx) PutApp(a App) error {
	if len(a.Definitions) == 0 {
		return tx.DeleteApp(a.ID)
	}
	if err := tx.b.Bucket(bktAppExt).Put([]byte(strings.ToLower(a.ManifestID)), a.ID[:]); err != nil {
		return err
	}
	if err := tx.sweepPackages(a); err != nil {
		return err
	}
	tx.touch(PartApps, a.ID[:], bktApps)
	return put(tx.b.Bucket(bktApps), a.ID[:], a)
}

// DeleteApp removes an app with all its definitions, packages and availability.
// Policies go on naming its id, as in a real tenant.
func (tx *Tx) DeleteApp(id ids.ID) error {
	a, err := tx.App(id)
	if err != nil {
		return err
	}
	if err := tx.b.Bucket(bktAppExt).Delete([]byte(strings.ToLower(a.ManifestID))); err != nil {
		return err
	}
	a.Definitions = nil
	if err := tx.sweepPackages(a); err != nil {
		return err
	}
	if err := tx.deleteAppRecord(id.String()); err != nil {
		return err
	}
	tx.touch(PartApps, id[:], bktApps)
	return tx.b.Bucket(bktApps).Delete(id[:])
}

func packageKey(app ids.ID, version string) []byte { return append(app[:], version...) }

// PutPackage keeps the bytes of one version's package.
func (tx *Tx) PutPackage(app ids.ID, version string, zip []byte) error {
	return tx.b.Bucket(bktPackages).Put(packageKey(app, version), zip)
}

// Package gives the bytes of one version's package, nil if there is none.
func (tx *Tx) Package(app ids.ID, version string) []byte {
	return slices.Clone(tx.b.Bucket(bktPackages).Get(packageKey(app, version)))
}

// sweepPackages drops the packages of versions that the app no longer has.
func (tx *Tx) sweepPackages(a App) error {
	b := tx.b.Bucket(bktPackages)
	var gone [][]byte
	c := b.Cursor()
	for k, _ := c.Seek(a.ID[:]); len(k) > 16 && ids.ID(k[:16]) == a.ID; k, _ = c.Next() {
		version := string(k[16:])
		if !slices.ContainsFunc(a.Definitions, func(d Definition) bool { return d.Version == version }) {
			gone = append(gone, slices.Clone(k))
		}
	}
	return deleteAll(b, gone)
}
