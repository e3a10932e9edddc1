//  When a time limit ends (Civil Code 2015, Art. 147-148): the day of the event is not counted; the
//  period ends at 24:00 of its last day; a last day that is no working day moves to the end of the
//  next one. Pure: the profile brings the holidays.

#ifndef DAUMOI_CALENDAR_H
#define DAUMOI_CALENDAR_H

#include "profile.h"

//  Due time in ms (the last millisecond of the last day, Vietnam) for `days` from start_ms. When
//  `arithmetic` is not NULL it gets one line that lets a reader check it: days counted, holidays
//  passed over, the move of the last day.
int64_t calendar_due (
    const profile_t *profile, int64_t start_ms, int64_t days, bool working, buffer_t *arithmetic);

//  The same for a rule and its variants.
int64_t calendar_rule_due (const profile_t *profile, const rule_t *rule, int64_t start_ms,
    bool remote, bool complex, buffer_t *arithmetic);

#endif
