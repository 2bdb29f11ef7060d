package engine

import "github.com/teamsform/teamsform/engine/internal/model"

// What the engine plans with is declared in the model; everybody names it by
// this package.
type (
	AccessChange  = model.AccessChange
	Audience      = model.Audience
	Action        = model.Action
	Aligner       = model.Aligner
	Allowance     = model.Allowance
	AppImpact     = model.AppImpact
	AssessInput   = model.AssessInput
	Assessor      = model.Assessor
	AttrChange    = model.AttrChange
	Census        = model.Census
	Change        = model.Change
	ChangeImpact  = model.ChangeImpact
	Collection    = model.Collection
	CompileInput  = model.CompileInput
	CompileOutput = model.CompileOutput
	Compiler      = model.Compiler
	Desired       = model.Desired
	Draft         = model.Draft
	Expecter      = model.Expecter
	Expected      = model.Expected
	Explainer     = model.Explainer
	Explanation   = model.Explanation
	Explicable    = model.Explicable
	Finding       = model.Finding
	Forgetter     = model.Forgetter
	Headcount     = model.Headcount
	Header        = model.Header
	Impact        = model.Impact
	LateIDs       = model.LateIDs
	Learner       = model.Learner
	Namer         = model.Namer
	Note          = model.Note
	Object        = model.Object
	Op            = model.Op
	Origin        = model.Origin
	OutputChange  = model.OutputChange
	Phase         = model.Phase
	Plan          = model.Plan
	Policy        = model.Policy
	Reason        = model.Reason
	Records       = model.Records
	Result        = model.Result
	RowChange     = model.RowChange
	RowGroup      = model.RowGroup
	RowOp         = model.RowOp
	RowRecords    = model.RowRecords
	RowResult     = model.RowResult
	RowsSight     = model.RowsSight
	Scope         = model.Scope
	Settlement    = model.Settlement
	Sight         = model.Sight
	Table         = model.Table
	TableWriter   = model.TableWriter
	TenantInfo    = model.TenantInfo
	Topic         = model.Topic
	Unmanaged     = model.Unmanaged
	Verdict       = model.Verdict
	World         = model.World
	Writer        = model.Writer
)

// The actions, reasons, phases, origins, allowances and topics.
const (
	Create             = model.Create
	Update             = model.Update
	Delete             = model.Delete
	Reset              = model.Reset
	Adopt              = model.Adopt
	Move               = model.Move
	Forget             = model.Forget
	LetGo              = model.LetGo
	Record             = model.Record
	ReasonNew          = model.ReasonNew
	ReasonChanged      = model.ReasonChanged
	ReasonGone         = model.ReasonGone
	ReasonDrift        = model.ReasonDrift
	ReasonOverDrift    = model.ReasonOverDrift
	ReasonAdopted      = model.ReasonAdopted
	ReasonNotOurs      = model.ReasonNotOurs
	ReasonNotInConfig  = model.ReasonNotInConfig
	ReasonRenamed      = model.ReasonRenamed
	ReasonNotListed    = model.ReasonNotListed
	ReasonOtherNow     = model.ReasonOtherNow
	ReasonLetGo        = model.ReasonLetGo
	ReasonDestroyed    = model.ReasonDestroyed
	ReasonRetiring     = model.ReasonRetiring
	ReasonSettled      = model.ReasonSettled
	ReasonMarkedAsOurs = model.ReasonMarkedAsOurs
	ReasonBlocked      = model.ReasonBlocked
	ReasonJoined       = model.ReasonJoined
	ReasonLeft         = model.ReasonLeft
	ReasonReplaced     = model.ReasonReplaced
	ReasonUnseen       = model.ReasonUnseen
	Tighten            = model.Tighten
	Make               = model.Make
	Wire               = model.Wire
	MoveRows           = model.MoveRows
	Loosen             = model.Loosen
	Remove             = model.Remove
	OpenAll            = model.OpenAll
	OriginDefault      = model.OriginDefault
	OriginFile         = model.OriginFile
	OriginApplied      = model.OriginApplied
	AllowedByFile      = model.AllowedByFile
	AllowedByPlan      = model.AllowedByPlan
	AllowedByApply     = model.AllowedByApply
	AllowedByDestroy   = model.AllowedByDestroy
	TopicLoosened      = model.TopicLoosened
	TopicIrreversible  = model.TopicIrreversible
	TopicDeletions     = model.TopicDeletions
	TopicOrgWide       = model.TopicOrgWide
	TopicAccess        = model.TopicAccess
	TopicWindows       = model.TopicWindows
	TopicAdoptions     = model.TopicAdoptions
	TopicAcceptances   = model.TopicAcceptances
	TopicHolds         = model.TopicHolds
	TopicExpiries      = model.TopicExpiries
	TopicNotFound      = model.TopicNotFound
	TopicDirect        = model.TopicDirect
	TopicRanks         = model.TopicRanks
	TopicUnchecked     = model.TopicUnchecked
)

// NewLateIDs returns an empty one.
func NewLateIDs() *LateIDs { return model.NewLateIDs() }
