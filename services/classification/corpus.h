//  Labelled texts for training and evaluation: a folder of JSONL files, one text a line.
//
//  Used fields: id, text, type, type_alt [], field, field_alt [] (labels that a careful reader
//  would accept too), field_finer [] (finer fields of these that fit, for the part that is
//  evaluated; "" in it: none fits), flags [], locality_canonical [] (official names), real (true: a
//  citizen wrote it; such texts are never trained on, only evaluated, so that the model can be
//  built again by anyone).

#ifndef DAUMOI_CORPUS_H
#define DAUMOI_CORPUS_H

#include "model.h"

//  By hash of the id, so that a text stays in its part whatever is added beside it.
typedef enum { PART_TRAIN, PART_TUNE, PART_TEST, PART_REAL } part_t;

enum { CORPUS_ALSO = 4, CORPUS_PLACES = 4 };

typedef struct {
    slice_t id, text; // NFC
    slice_t plain;    // the same without diacritics
    slice_t label[2]; // by head: type, field
    slice_t also[2][CORPUS_ALSO];
    slice_t finer[CORPUS_ALSO];
    slice_t places[CORPUS_PLACES];
    int64_t flags; // FLAG_...
    part_t part;
} record_t;

typedef struct {
    arena_t *arena;
    record_t *records; // sorted by id
    size_t count, room;
} corpus_t;

//  Reads every *.jsonl of the folder that holds labelled texts; lines without id, text, type or
//  field are counted in *skipped. NULL with the reason. Blocks.
corpus_t *corpus_load (const char *folder, size_t *skipped, refusal_t *refusal);
void corpus_destroy (corpus_t **self_p);

//  Is this label right, or right for a careful reader?
bool record_accepts (const record_t *self, size_t head, const char *code, bool lenient);

#endif
