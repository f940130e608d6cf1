// Package batch cuts the stages of a run into what a batch system such as Slurm takes: arrays of
// tasks, with the time, memory and cores that they ask for, and which of them wait for which. It knows
// no batch system, starts nothing and reads no file: the same stages, estimates and limits give the same
// jobs. Simulate tells how long they would take on a number of cores.
//
// A job has stages of one family that lie at one level of the graph, so that none needs another, in
// tasks that take some minutes up to Limits.Chunk. Each stage is in one task, so that tasks need no lock
// between them: stages with one key, which is computed once, wait for the first of them. What nothing
// else reads and people do, such as figures, comes last, in one job.
package batch

import "zerotohero/pipeline"

// A Job is an array of tasks that ask for the same.
type Job struct {
	Name  string // the family, and a number where it has several jobs: "walk.2"
	Tasks []Task
	After []Dependency // by Job, which is before this one

	// What each of the tasks asks for, with a margin over what is expected.
	Seconds float64
	Bytes   int64
	Cores   int
}

// A Task computes stages, in their order or several at once.
type Task struct {
	Stages  []*pipeline.Stage
	Seconds float64 // expected
}

// A Dependency makes the tasks of a job wait for those of another to succeed.
type Dependency struct {
	Job int // its index

	// Corresponding makes a task wait for the one that has its index alone: both jobs have as many.
	// Otherwise it waits for all of them.
	Corresponding bool
}

// An Estimate is what a stage is expected to take.
type Estimate struct {
	Seconds float64 // of one core
	Longest float64 // seconds that it hardly ever exceeds, to ask for
	Bytes   int64   // of memory, at most
}

// Limits are what jobs have to keep to.
type Limits struct {
	Chunk float64 // seconds that a task of several stages is expected to take at most
	Tasks int     // in one job, at most
	Cores int     // that each task has

	// What a task can ask for at most, 0 where that is not known. A stage that is expected to need
	// more is a *LimitError; the margin of a request ends here.
	Seconds float64
	Bytes   int64
}
