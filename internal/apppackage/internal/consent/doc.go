// Package consent holds the documented lists of changes that ask people again
// when an app is updated, as data with dates: Microsoft changed the list over
// the years, and its pages disagree. A new list is a new entry of lists.json.
//
// It may import the standard library only.
package consent
