package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

// operationLife is how long finished batch operations can be looked at.
const operationLife = 30 * 24 * time.Hour

// Operation is a finished batch assignment. It is kept in two entries, so that
// a listing does not read everybody's result.
type Operation struct {
	ID      ids.ID           `json:"-"`
	Name    string           `json:"name"`
	By      string           `json:"by"` // object id
	Created time.Time        `json:"created"`
	Done    int              `json:"done"`
	Errors  int              `json:"errors"` // among Done
	Results OperationResults `json:"-"`      // read by Operation only
}

// OperationResults tell what became of each person.
type OperationResults struct {
	Succeeded []byte   `json:"succeeded"` // packed ids, 16 bytes each
	Failed    []string `json:"failed"`    // as the caller wrote them
}

func resultsKey(id ids.ID) []byte { return append(id[:], 'r') }

// PutOperation keeps a finished operation and drops those that are too old.
func (tx *Tx) PutOperation(o Operation) error {
	b := tx.b.Bucket(bktOps)
	var old [][]byte
	err := tx.Operations(func(x Operation) error {
		if tx.Now().Sub(x.Created) > operationLife {
			old = append(old, slices.Clone(x.ID[:]), resultsKey(x.ID))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := deleteAll(b, old); err != nil {
		return err
	}
	o.Errors = len(o.Results.Failed)
	o.Done = len(o.Results.Succeeded)/len(o.ID) + o.Errors
	if err := put(b, o.ID[:], o); err != nil {
		return err
	}
	return put(b, resultsKey(o.ID), o.Results)
}

// Operation finds a finished operation with its results.
func (tx *Tx) Operation(id ids.ID) (Operation, error) {
	o := Operation{ID: id}
	b := tx.b.Bucket(bktOps)
	if err := get(b, id[:], &o); err != nil {
		return o, fmt.Errorf("operation %s: %w", id, err)
	}
	return o, get(b, resultsKey(id), &o.Results)
}

// Operations goes through the finished operations, without their results, in
// order of id.
func (tx *Tx) Operations(yield func(Operation) error) error {
	return tx.b.Bucket(bktOps).ForEach(func(k, v []byte) error {
		if len(k) != len(ids.ID{}) {
			return nil
		}
		o := Operation{ID: ids.ID(k)}
		if err := json.Unmarshal(v, &o); err != nil {
			return fmt.Errorf("operation %s is damaged: %w", o.ID, err)
		}
		return yield(o)
	})
}
