/* A rectangle in the frame. Private to lib/codec. */
#ifndef RFBKIT_CODEC_RECT_H
#define RFBKIT_CODEC_RECT_H

struct rect { unsigned x, y, w, h; };

#endif
