package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"
)

// What a fresh tenant takes from a snapshot goes in below the rules that hold
// between callers and services: built-in policies get the values that they
// have elsewhere, apps come without their packages.

// RestorePolicies makes the given policies all that there are of a type.
// Properties that one does not name have the defaults of a new organisation.
// Global exists in any case. Nobody may hold a policy of the type yet.
func (tx *Tx) RestorePolicies(t string, list []Policy) error {
	if err := tx.clearPolicies(t); err != nil {
		return err
	}
	if !hasGlobal(list) {
		list = append([]Policy{{Name: GlobalName}}, list...)
	}
	for _, p := range list {
		p.Name = bareName(p.Name)
		if strings.EqualFold(p.Name, GlobalName) {
			p.Name = GlobalName
		}
		if _, err := tx.Policy(t, p.Name); err == nil {
			return fmt.Errorf("policy %s of type %s: %w", p.Name, t, ErrExists)
		}
		values := defaults(t)
		for k, v := range p.Values {
			values[k] = v
		}
		builtIn := t == SetupPolicy && strings.EqualFold(p.Name, FirstLineName)
		if _, err := tx.insertPolicy(Policy{Type: t, Name: p.Name, BuiltIn: builtIn, Values: values}); err != nil {
			return err
		}
	}
	return nil
}

func hasGlobal(list []Policy) bool {
	for _, p := range list {
		if strings.EqualFold(bareName(p.Name), GlobalName) {
			return true
		}
	}
	return false
}

func (tx *Tx) clearPolicies(t string) error {
	for _, b := range []struct {
		bucket *bbolt.Bucket
		prefix string
	}{{tx.policyBucket(t), ""}, {tx.b.Bucket(bktPolicyID), t + "\x00"}} {
		var gone [][]byte
		err := b.bucket.ForEach(func(k, v []byte) error {
			if b.prefix == "" || bytes.HasPrefix(v, []byte(b.prefix)) {
				gone = append(gone, bytes.Clone(k))
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := deleteAll(b.bucket, gone); err != nil {
			return err
		}
	}
	return nil
}

// RestoreApp puts an app into the catalog whose packages nobody has.
func (tx *Tx) RestoreApp(a App) error {
	if _, err := tx.App(a.ID); err == nil {
		return fmt.Errorf("app %s: %w", a.ID, ErrExists)
	}
	if _, err := tx.AppByManifestID(a.ManifestID); err == nil {
		return fmt.Errorf("app with manifest id %s: %w", a.ManifestID, ErrExists)
	}
	for i := range a.Definitions {
		revision, err := tx.Revision()
		if err != nil {
			return err
		}
		a.Definitions[i].Revision, a.Definitions[i].Modified = revision, tx.Now()
	}
	return tx.PutApp(a)
}

// RestoreSettings changes the settings that the two objects name; nil names
// none.
func (tx *Tx) RestoreSettings(orgSwitch, appSettings json.RawMessage) error {
	s, err := tx.OrgSwitch()
	if err != nil {
		return err
	}
	a, err := tx.AppSettings()
	if err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		raw  json.RawMessage
		into any
	}{{"org.apps", orgSwitch, &s}, {"org.requests", appSettings, &a}} {
		if part.raw == nil {
			continue
		}
		if err := json.Unmarshal(part.raw, part.into); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	if len(s.AppSettingsList) == 0 || s.AppSettingsList[0] != '[' {
		s.AppSettingsList = json.RawMessage(`[]`)
	}
	if err := tx.PutOrgSwitch(s); err != nil {
		return err
	}
	return tx.PutAppSettings(a)
}
