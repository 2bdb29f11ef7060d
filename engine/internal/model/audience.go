package model

import (
	"encoding/json"
	"fmt"
)

// AudienceRecord is what the state keeps of whom a block of rows named when it
// was last applied.
type AudienceRecord struct {
	Policy  string   `json:"policy"`            // type/name, in lower case
	Digest  string   `json:"digest"`            // of what was written
	Missing []string `json:"missing,omitempty"` // names that nobody had, in lower case, sorted
}

// audiencesVersion is the version of the form in state.
const audiencesVersion = 1

type audiencesJSON struct {
	Version int                        `json:"version"`
	Blocks  map[string]*AudienceRecord `json:"blocks"`
}

// EncodeAudiences gives the records of a state, by the address of the block.
func EncodeAudiences(blocks map[string]*AudienceRecord) (json.RawMessage, error) {
	return json.Marshal(audiencesJSON{audiencesVersion, blocks})
}

// DecodeAudiences reads what EncodeAudiences gave; nothing from nothing.
func DecodeAudiences(raw json.RawMessage) (map[string]*AudienceRecord, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var in audiencesJSON
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, fmt.Errorf("audiences in the state: %w", err)
	}
	if in.Version > audiencesVersion {
		return nil, fmt.Errorf("audiences in the state have version %d; this program knows %d: use a newer teamsform", in.Version, audiencesVersion)
	}
	return in.Blocks, nil
}
