package students

import (
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/contract"
)

// Accepts says whether students can be visited as Each does, as far as
// parameters tell: descents of the loss that kept students at the times, on instances
// that are among the inputs. Which times lie after the end of a descent shows only when it
// has run; those up to the last time kept must be kept.
func (s Selection) Accepts(in []*pipeline.Stage) error {
	descents := pipeline.StagesOf("descent", in)
	if err := contract.SameLoss(s.Loss, descents); err != nil {
		return err
	}
	for _, d := range descents {
		keep := pipeline.ParamsOf[Keep](d).Keep
		for _, t := range s.Times {
			if len(keep) > 0 && t < keep[len(keep)-1] && !slices.Contains(keep, t) {
				return pipeline.BadInput(d,
					"it keeps students at t = %v, and this stage is about t = %v; "+
						"add %v to the parameter keep of that family", keep, t, t)
			}
		}
	}
	return contract.Instances(in)
}
