package dynamics

// nullRow is what figures use of descents of the null model.
type nullRow struct {
	N      int64       `arrow:"n"`
	Alpha  float64     `arrow:"alpha"`
	Loss   string      `arrow:"loss"`
	A      float64     `arrow:"a"`
	Runs   int64       `arrow:"runs"`
	Times  []nullState `arrow:"times"`
	Lost   bool        `arrow:"lost"`
	TBBP   float64     `arrow:"t_bbp"`
	TBBPLo float64     `arrow:"t_bbp_lo"`
	TBBPHi float64     `arrow:"t_bbp_hi"`
	W      float64     `arrow:"w"`
	WLo    float64     `arrow:"w_lo"`
	WHi    float64     `arrow:"w_hi"`
}

type nullState struct {
	T          float64 `arrow:"t"`
	Outlier    bool    `arrow:"outlier"`
	Edge       float64 `arrow:"edge"`
	LambdaStar float64 `arrow:"lambda_star"`
	Q2         float64 `arrow:"q2"`
	Q2Lo       float64 `arrow:"q2_lo"`
	Q2Hi       float64 `arrow:"q2_hi"`
}

// gap is how far the outlier is below the edge of the bulk, 0 without an outlier.
func (s nullState) gap() float64 { return s.Edge - s.LambdaStar }
