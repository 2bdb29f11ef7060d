package hold

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// Kind is what the records of holds are called in the state. It is no kind of
// the schema: no file can write it and no tenant has it.
const Kind = "hold"

// Version is the version of the record's attributes.
const Version = 1

// Hold is one emergency.
type Hold struct {
	// App is the address of the app's block when the hold was made; zero for
	// every custom app. The app is known by its ids, whatever its block is called
	// by now.
	App        addr.Instance `json:"app,omitzero"`
	ManifestID string        `json:"manifest_id,omitempty"`
	CatalogID  string        `json:"catalog_id,omitempty"` // "": the catalog did not have it
	Name       string        `json:"name,omitempty"`
	All        bool          `json:"all_custom_apps,omitempty"`
	Reason     string        `json:"reason"`
	By         string        `json:"by"` // user@host
	Since      time.Time     `json:"since"`
	Cuts       []Cut         `json:"cuts,omitempty"` // in order of kind and key
}

// Cut is one value in the tenant that the hold changed, or was about to.
type Cut struct {
	Kind   string `json:"kind"`
	Key    string `json:"key"`          // natural key of the object
	ID     string `json:"id,omitempty"` // its remote id
	Attr   string `json:"attr"`
	Before any    `json:"before"` // plain data, as attributes in the state
	After  any    `json:"after"`
	Done   bool   `json:"done,omitempty"` // accepted by the service
	Root   string `json:"root,omitempty"` // the other configuration that manages the object
}

// Addr is where the hold's record stands.
func (h *Hold) Addr() addr.Instance {
	if h.All {
		return addr.New(Kind, "~all_custom_apps")
	}
	return addr.New(Kind, "~app").WithKey(h.ManifestID)
}

// Title names what is held, for people.
func (h *Hold) Title() string {
	switch {
	case h.All:
		return "every custom app"
	case h.Name != "":
		return fmt.Sprintf("%s %q", h.App, h.Name)
	}
	return h.App.String()
}

// Of reads the holds of a state, in the order of their addresses.
func Of(s *state.State) ([]*Hold, error) {
	if s == nil {
		return nil, nil
	}
	var out []*Hold
	for _, o := range s.Objects {
		if o.Kind != Kind {
			continue
		}
		if o.KindVersion > Version {
			return nil, fmt.Errorf("%s was written by a newer teamsform (version %d of holds, this one knows %d): use that one", o.Addr, o.KindVersion, Version)
		}
		h := &Hold{}
		if err := json.Unmarshal(o.Attrs, h); err != nil {
			return nil, fmt.Errorf("%s in the state: %w", o.Addr, err)
		}
		out = append(out, h)
	}
	return out, nil
}

// Put writes a hold into a state, in place of one at its address.
func (h *Hold) Put(s *state.State) error {
	raw, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("write the hold of %s: %w", h.Title(), err)
	}
	h.Remove(s)
	s.Objects = append(s.Objects, &state.Object{Addr: h.Addr(), Kind: Kind, KindVersion: Version, Origin: state.Created, Attrs: raw})
	s.Sort()
	return nil
}

// Remove takes the record of a hold out of a state.
func (h *Hold) Remove(s *state.State) {
	s.Objects = slices.DeleteFunc(s.Objects, func(o *state.Object) bool { return o.Kind == Kind && o.Addr == h.Addr() })
}

// Carry replaces the holds of one state by those of another, verbatim.
func Carry(from, to *state.State) {
	to.Objects = slices.DeleteFunc(to.Objects, func(o *state.Object) bool { return o.Kind == Kind })
	for _, o := range from.Objects {
		if o.Kind == Kind {
			to.Objects = append(to.Objects, o)
		}
	}
	to.Sort()
}

// Alone reports whether a state knows nothing but holds.
func Alone(s *state.State) bool {
	return len(s.Rows)+len(s.PendingRows)+len(s.Outputs)+len(s.Tables) == 0 &&
		!slices.ContainsFunc(s.Objects, func(o *state.Object) bool { return o.Kind != Kind })
}

// Held is what holds keep from everybody, as the schema wants it. find gives the
// id of an app that the catalog did not have when it was blocked, a Ref to it, or
// nil; it may be nil itself.
func Held(holds []*Hold, model string, find func(manifestID string) any) schema.Held {
	out := schema.Held{Model: model}
	for _, h := range holds {
		switch {
		case h.All:
			out.All = true
		case h.CatalogID != "":
			out.Apps = append(out.Apps, h.CatalogID)
		case find != nil:
			if app := find(h.ManifestID); app != nil {
				out.Apps = append(out.Apps, app)
			}
		}
	}
	return out
}
